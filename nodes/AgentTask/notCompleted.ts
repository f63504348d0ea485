import type { AgentTaskEnd, CompletedTask } from '../../lib';
import { EngineError, serializeError } from '../../lib';

/** How a task can end without a result. */
export type OtherEnd = Exclude<AgentTaskEnd, CompletedTask>;

/** The end of a task without a result, on its way past the record of completed steps. */
export class NotCompleted extends EngineError {
	constructor(readonly end: OtherEnd) {
		const error = end.status === 'failed' ? serializeError(end.error) : undefined;
		super(error?.code ?? 'NEEDS_APPROVAL', error?.message ?? approvalMessage(end), {
			errorClass: error?.errorClass ?? 'guardrail',
			retryable: false,
			...(error?.hint === undefined ? {} : { hint: error.hint }),
			...(error?.details === undefined ? {} : { details: error.details }),
		});
	}
}

function approvalMessage(end: OtherEnd): string {
	const calls = end.status === 'waiting' ? end.waiting : [];
	const names = calls.map(({ name }) => `"${name}"`).join(', ');
	return `The agent needs a person's approval to call ${names}.`;
}
