import { AbortError, EngineError, type Json } from '../core';
import { isRunEnded } from '../run';
import type { SubworkflowCall } from '../workflow';
import type { ExecutionResult, ExecutionStatus } from './executionView';

/** The part of the manager that runs a workflow inside another one. */
export interface SubworkflowHost {
	start(
		workflow: string,
		options: {
			input: Json;
			metadata: Readonly<Record<string, unknown>>;
			idempotencyKey: string;
			onDuplicate?: 'replace';
		},
	): Promise<{ runId: string }>;
	status(runId: string): Promise<ExecutionStatus>;
	resume(runId: string): Promise<ExecutionStatus>;
	wait(runId: string): Promise<ExecutionResult>;
	cancel(runId: string): Promise<ExecutionStatus>;
	isHere(runId: string): boolean;
}

/**
 * Runs another workflow as a step of this one. The same step, repeated or resumed, goes on with the
 * execution it had started; a failed one is started anew. Cancelled with the step.
 *
 * @throws the error of the execution, when it does not complete
 */
export async function runSubworkflow(
	manager: SubworkflowHost,
	{ workflow, input, attempt }: SubworkflowCall,
): Promise<Json> {
	const metadata = { parentRunId: attempt.runId, parentStep: attempt.path };
	const options = { input, metadata, idempotencyKey: attempt.idempotencyKey };
	let { runId } = await manager.start(workflow, options);
	const { status } = await manager.status(runId);
	if (isRunEnded(status) && status !== 'completed') {
		({ runId } = await manager.start(workflow, { ...options, onDuplicate: 'replace' }));
	} else if (!isRunEnded(status) && !manager.isHere(runId)) {
		await manager.resume(runId);
	}
	const cancel = (): void => void manager.cancel(runId).catch(() => undefined);
	attempt.signal.addEventListener('abort', cancel, { once: true });
	try {
		return outputOf(await manager.wait(runId));
	} finally {
		attempt.signal.removeEventListener('abort', cancel);
	}
}

function outputOf({ runId, status, output, error, cause }: ExecutionResult): Json {
	if (status === 'completed') return output;
	if (error === undefined) throw new AbortError(cause?.message, { details: { runId } });
	const { code, message, ...info } = error;
	throw new EngineError(code, message, { ...info, details: { ...info.details, runId } });
}
