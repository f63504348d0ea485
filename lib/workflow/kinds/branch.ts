import { z } from 'zod';

import { EngineError } from '../../core';
import { goTo } from '../../scheduler';
import { targetsSchema } from '../definitionSchema';
import { named } from '../named';
import { predicateSchema } from '../predicateSchema';
import type { Predicate } from '../predicate';
import type { StepKind } from '../stepKind';

interface BranchCase {
	when: Predicate;
	next: string[];
	/** Ends the step as failed, with this message, instead of going on. */
	fail?: string;
}

interface BranchParameters {
	/** The first case that holds decides. */
	cases: BranchCase[];
	/** Where to go when no case holds. Default: nowhere. */
	default: string[];
}

const caseSchema = named(
	{
		when: predicateSchema,
		next: targetsSchema.default(null),
		fail: z.string().optional(),
	},
	{ aliases: { if: 'when', then: 'next', goto: 'next' } },
);

/**
 * Goes on with the steps of the first case that holds; `fail` halts instead, which is how a check
 * stops the flow. To lead back to an earlier step makes a loop; `maxIterations` of that step limits
 * it. The output is `{ case, next }`, with `case` -1 for the default.
 */
export const branchKind: StepKind<BranchParameters> = {
	kind: 'branch',
	parameters: named(
		{ cases: z.array(caseSchema), default: targetsSchema.default(null) },
		{ aliases: { else: 'default' } },
	),
	raw: ['cases', 'default', 'else'],
	targets: ({ cases, default: otherwise }) => [...cases.flatMap(({ next }) => next), ...otherwise],
	execute({ parameters: { cases, default: otherwise }, holds, step }) {
		const index = cases.findIndex(({ when }) => holds(when));
		const chosen = cases[index];
		if (chosen?.fail !== undefined) throw halted(step.id, chosen.fail);
		const next = chosen?.next ?? otherwise;
		return goTo(next, { case: index, next });
	},
};

function halted(stepId: string, message: string): EngineError {
	return new EngineError('HALTED', message, { errorClass: 'guardrail', details: { stepId } });
}
