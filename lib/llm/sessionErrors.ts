import { EngineError, errorClassOf, messageOf } from '../core';

/** Classes of failure that another model would not mend. */
const FINAL_CLASSES: ReadonlySet<string> = new Set(['abort', 'budget', 'guardrail']);

/** Whether another model would meet the same end. */
export function isFinal(error: unknown): boolean {
	return FINAL_CLASSES.has(errorClassOf(error));
}

/** The error of the only model that failed, or one for all of them, of the last one's class. */
export function joined(failed: ReadonlyArray<{ model: string; error: unknown }>): Error {
	const last = failed.at(-1)!.error;
	if (failed.length === 1 || isFinal(last)) return last as Error;
	const each = failed.map(({ model, error }) => `${model}: ${messageOf(error)}`);
	return new EngineError(
		'ALL_MODELS_FAILED',
		`All ${failed.length} models failed. ${each.join(' ')}`,
		{
			errorClass: errorClassOf(last),
			retryable: false,
			hint: 'Check each model and its credential, or try again later.',
			details: { models: failed.map(({ model }) => model) },
			cause: last,
		},
	);
}
