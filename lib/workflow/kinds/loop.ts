import { z } from 'zod';

import { EngineError, type Json, type JsonObject } from '../../core';
import type { WorkflowDefinition } from '../definition';
import { innerWorkflow } from '../innerWorkflow';
import { named } from '../named';
import { predicateSchema } from '../predicateSchema';
import type { Predicate } from '../predicate';
import type { StepKind } from '../stepKind';

interface LoopParameters {
	/** What is done each time. */
	steps: WorkflowDefinition;
	/** Once for each of these, as `loop.item`. Default: as often as the conditions say. */
	over?: Json[];
	/** Checked before each time. */
	while?: Predicate;
	/** Checked after each time. */
	until?: Predicate;
	/** Most times. With `until` or `while`: reaching it is a failure. Default 25. */
	maxIterations: number;
}

/**
 * Does steps again and again, one time after another.
 *
 * Inside, and in its conditions, `loop` is `{ index: 0, 1, …, item, last: what the last time gave }`.
 * The output is `{ iterations, last, results }`.
 */
export const loopKind: StepKind<LoopParameters> = {
	kind: 'loop',
	parameters: named({
		steps: innerWorkflow('sequence'),
		over: z.array(z.custom<Json>(), { message: 'must be a list' }).optional(),
		while: predicateSchema.optional(),
		until: predicateSchema.optional(),
		maxIterations: z.number().int().min(1).default(25),
	}),
	raw: ['steps', 'while', 'until'],
	inner: ({ steps }) => [steps],
	async execute({ parameters, holds, runSteps, attempt }) {
		const { steps, over, while: goesOn, until, maxIterations } = parameters;
		const results: Json[] = [];
		for (let index = 0; over === undefined || index < over.length; index++) {
			const last = results.at(-1) ?? null;
			const loop: JsonObject = { index, last, ...(over && { item: over[index]! }) };
			if (goesOn !== undefined && !holds(goesOn, { loop })) break;
			if (index >= maxIterations) throw tooOften(attempt.path, maxIterations);
			const result = await runSteps(steps, String(index + 1), { loop });
			results.push(result);
			if (over !== undefined) attempt.progress((index + 1) / over.length);
			if (until !== undefined && holds(until, { loop: { ...loop, last: result } })) break;
		}
		return { iterations: results.length, last: results.at(-1) ?? null, results };
	},
};

function tooOften(path: string, maxIterations: number): EngineError {
	return new EngineError(
		'ITERATION_LIMIT',
		`The loop "${path}" did not end within ${maxIterations} times.`,
		{
			retryable: false,
			hint: 'Check its condition, or raise maxIterations.',
			details: { path, maxIterations },
		},
	);
}
