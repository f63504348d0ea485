import type { IExecuteFunctions } from 'n8n-workflow';

/**
 * The signal that aborts when somebody stops the execution, or when its time limit passes.
 * Never undefined: outside an execution it is a signal that never aborts.
 */
export function cancelSignalOf(
	context: Pick<IExecuteFunctions, 'getExecutionCancelSignal'>,
): AbortSignal {
	return context.getExecutionCancelSignal() ?? new AbortController().signal;
}
