import type { RunCore } from './runCore';
import type { Step } from './step';

const NOBODY: readonly string[] = [];

/**
 * Paths of the executions a step follows: completed dependencies, steps that named it, and its own
 * last completed execution, since executions of one step never overlap.
 */
export function parentsOf(run: RunCore, step: Step): readonly string[] {
	const named = step.rare?.namedBy ?? NOBODY;
	const { sources } = step.plan;
	const earlier = step.rare?.history?.findLast(({ status }) => status === 'completed');
	if (sources.length === 0 && earlier === undefined) return named;
	const parents = new Set(named);
	if (earlier !== undefined) parents.add(earlier.path);
	for (const place of sources) {
		const { status, path } = run.list[place]!;
		if (status === 'completed') parents.add(path);
	}
	return [...parents];
}
