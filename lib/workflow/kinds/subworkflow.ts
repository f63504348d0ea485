import { z } from 'zod';

import type { Json } from '../../core';
import { named } from '../named';
import type { KindContext, StepKind } from '../stepKind';

/** A workflow that a step starts and waits for. */
export interface SubworkflowCall
	extends Pick<KindContext, 'input' | 'attempt' | 'runtime' | 'waitFor'> {
	/** Id or name of the workflow. */
	workflow: string;
}

/** Runs another workflow with the step's input; what it gives back is the output. */
export function subworkflowKind(
	run: (call: SubworkflowCall) => unknown,
): StepKind<{ workflow: string; input?: Json }> {
	return {
		kind: 'subworkflow',
		parameters: named(
			{ workflow: z.string().min(1), input: z.custom<Json>().optional() },
			{ aliases: { workflowId: 'workflow', name: 'workflow' } },
		),
		execute: ({ parameters, input, attempt, runtime, waitFor }) =>
			run({
				workflow: parameters.workflow,
				input: parameters.input ?? input,
				attempt,
				runtime,
				waitFor,
			}),
	};
}
