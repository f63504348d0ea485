import { z } from 'zod';

import { BUDGET_EXCEEDED } from '../../budget';
import { EngineError, type Json, type SerializedError } from '../../core';
import { fanOut, type FanOutErrorMode } from '../../scheduler';
import type { WorkflowDefinition } from '../definition';
import { innerWorkflow } from '../innerWorkflow';
import { named, oneOf } from '../named';
import type { StepKind } from '../stepKind';

interface ParallelParameters {
	/** What is done: all of it once, or all of it for each item. */
	steps: WorkflowDefinition;
	/** Once for each of these, as `item`, with its `index`. Default: once. */
	over?: Json[];
	/** Most items at once. Default: all. */
	maxConcurrent?: number;
	/** What a failing item means; see `FanOutErrorMode`. Default `fail_fast`. */
	errorMode: Exclude<FanOutErrorMode, 'threshold'>;
}

/**
 * Does steps at the same time: a group of steps, or the same steps for each item of a list.
 *
 * The output of a group is what its steps give, by id. The output for items is the list of their
 * results in order; `drop` leaves failed ones out, `null` puts null, `settle` gives
 * `{ status, result, error }` for each. Once a soft limit of the budget is reached, no further item
 * begins.
 */
export const parallelKind: StepKind<ParallelParameters> = {
	kind: 'parallel',
	parameters: named(
		{
			steps: innerWorkflow('graph'),
			over: z.array(z.custom<Json>(), { message: 'must be a list' }).optional(),
			maxConcurrent: z.number().int().min(1).optional(),
			errorMode: oneOf(['fail_fast', 'settle', 'drop', 'null']).default('fail_fast'),
		},
		{ aliases: { items: 'over' } },
	),
	raw: ['steps'],
	inner: ({ steps }) => [steps],
	async execute({ parameters, runSteps, attempt, runtime }) {
		const { steps, over, maxConcurrent, errorMode } = parameters;
		if (over === undefined) return await runSteps(steps, 'all');
		const { tasks, values, cancelled, cause } = await fanOut(
			over,
			async (item, { index }) => await runSteps(steps, String(index + 1), { item, index }),
			{
				errorMode,
				signal: attempt.signal,
				...(attempt.budget && { budget: attempt.budget }),
				onTaskEnd: (_, ended, total) => attempt.progress(ended / total),
				...(maxConcurrent === undefined ? {} : { maxConcurrent }),
			},
			runtime,
		);
		if (errorMode === 'settle') {
			return tasks.map(({ status, result = null, error }) =>
				error === undefined ? { status, result } : { status, result, error },
			);
		}
		if (errorMode === 'fail_fast' && cause?.kind === 'budget') throw notBegun(cancelled);
		const failed = tasks.find(({ error }) => error !== undefined);
		if (errorMode === 'fail_fast' && failed !== undefined) {
			throw itemFailed(failed.index, failed.error!);
		}
		return values;
	},
};

function notBegun(items: number): EngineError {
	return new EngineError(
		BUDGET_EXCEEDED,
		`${items} items were not begun: the budget is nearly used up.`,
		{
			errorClass: 'budget',
			hint: 'Raise the soft limit, or take what there is with errorMode settle, drop or null.',
			details: { items },
		},
	);
}

/** A budget that refuses an item refuses the whole: that is for the run to know. */
function itemFailed(index: number, { code, errorClass, message }: SerializedError): EngineError {
	const name = code === BUDGET_EXCEEDED ? code : 'ITEM_FAILED';
	return new EngineError(name, `Item ${index + 1} failed: ${message}`, {
		errorClass,
		retryable: false,
		details: { index },
	});
}
