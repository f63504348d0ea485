import type { Step } from './step';

const NOBODY: readonly string[] = [];

/** Paths of the executions a step follows: completed dependencies and steps that named it. */
export function parentsOf(step: Step): readonly string[] {
	const named = step.rare?.namedBy ?? NOBODY;
	if (step.incoming.length === 0) return named;
	const parents = new Set(named);
	for (const { from } of step.incoming) if (from.status === 'completed') parents.add(from.path);
	return [...parents];
}
