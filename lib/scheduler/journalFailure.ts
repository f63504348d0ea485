import type { SerializedError } from '../core';
import { messageOf } from '../core';

/** A step whose fate cannot be recorded fails: a result that nobody will remember is none. */
export function journalFailure(path: string, error: unknown): SerializedError {
	return {
		code: 'JOURNAL_FAILED',
		errorClass: 'server',
		message: `Step "${path}" could not be recorded: ${messageOf(error)}`,
		retryable: false,
		hint: 'Check the store, then start the run again: recorded steps do not run twice.',
	};
}
