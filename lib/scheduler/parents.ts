import type { RunCore } from './runCore';
import type { Step } from './step';

const NOBODY: readonly string[] = [];

/** Paths of the executions a step follows: completed dependencies and steps that named it. */
export function parentsOf(run: RunCore, step: Step): readonly string[] {
	const named = step.rare?.namedBy ?? NOBODY;
	const { sources } = step.plan;
	if (sources.length === 0) return named;
	const parents = new Set(named);
	for (const place of sources) {
		const { status, path } = run.list[place]!;
		if (status === 'completed') parents.add(path);
	}
	return [...parents];
}
