import { EngineError } from '../core';

/** There is no workflow, execution, type or agent of this name: 404 for callers of an API. */
export class UnknownError extends EngineError {
	constructor(what: string, id: string, hint?: string) {
		super('NOT_FOUND', `There is no ${what} "${id}".`, {
			errorClass: 'not_found',
			details: { what, id },
			...(hint === undefined ? {} : { hint }),
		});
	}
}

/** The execution is not in a state for this: 409 for callers of an API. */
export class WrongStateError extends EngineError {
	constructor(runId: string, status: string, what: string) {
		super('WRONG_STATE', `Execution "${runId}" is ${status} and cannot be ${what}.`, {
			errorClass: 'conflict',
			retryable: false,
			details: { runId, status },
		});
	}
}
