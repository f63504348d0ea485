import { errorClassOf, hashOf, messageOf } from '../core';
import type { RunCore } from './runCore';
import type { Step } from './step';

/** Computes what the step works on. @returns false when that failed and the step has ended */
export function takeInput(run: RunCore, step: Step): boolean {
	const { input } = step.definition;
	step.input = run.options.input;
	step.inputHash = run.inputHash;
	if (input === undefined) return true;
	try {
		step.input = input(run.view);
		if (run.options.journal !== undefined) step.inputHash = hashOf(step.input);
		return true;
	} catch (error) {
		step.error = {
			code: 'INPUT_FAILED',
			errorClass: errorClassOf(error),
			message: `The input of step "${step.id}" could not be computed: ${messageOf(error)}`,
			retryable: false,
		};
		run.move(step, 'queued');
		run.end(step, 'failed', { error: step.error });
		return false;
	}
}
