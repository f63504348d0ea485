import { isStepEnded } from '../run';
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
	const earlier = lastCompleted(step);
	if (sources.length === 0 && earlier === undefined) return named;
	const parents = new Set(named);
	if (earlier !== undefined) parents.add(earlier);
	for (const place of sources) {
		const path = followedOf(run.list[place]!);
		if (path !== undefined) parents.add(path);
	}
	return [...parents];
}

/**
 * The execution of a dependency that a step follows. One that is being renewed, or whose renewal has
 * ended without anybody having been told yet, counts with what it did before.
 */
function followedOf(source: Step): string | undefined {
	const { status, told, path } = source;
	if (status === 'completed' && told) return path;
	return status === 'completed' || !isStepEnded(status) ? lastCompleted(source) : undefined;
}

/** Path of the last execution before this one that completed. */
export function lastCompleted({ rare }: Step): string | undefined {
	return rare?.history?.findLast(({ status }) => status === 'completed')?.path;
}
