import { AbortError, EngineError, errorClassOf, isJsonObject, type Json } from '../core';
import { isRunEnded } from '../run';
import type { SubworkflowCall } from '../workflow';
import type { ExecutionRecord } from './executionRecord';
import type { Executions } from './executions';
import type { ExecutionResult, ExecutionStatus } from './executionView';
import type { LocalRuns } from './localRuns';

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
	untilRest(runId: string): Promise<ExecutionStatus>;
	result(runId: string): Promise<ExecutionResult>;
	cancel(runId: string): Promise<ExecutionStatus>;
	isHere(runId: string): boolean;
}

/**
 * Runs another workflow as a step of this one. The same step, repeated or resumed, goes on with the
 * execution it had started; a failed one is started anew. Cancelled with the step. While the other
 * execution waits for people, so does the step, and nothing of both is held in memory.
 *
 * @throws the error of the execution, when it does not complete
 */
export async function runSubworkflow(
	manager: SubworkflowHost,
	call: SubworkflowCall,
): Promise<Json> {
	const { attempt } = call;
	const runId = await startOrGoOn(manager, call);
	const cancel = (): void => void manager.cancel(runId).catch(() => undefined);
	attempt.signal.addEventListener('abort', cancel, { once: true });
	try {
		return await outcomeOf(manager, call, runId);
	} finally {
		attempt.signal.removeEventListener('abort', cancel);
	}
}

async function startOrGoOn(
	manager: SubworkflowHost,
	{ workflow, input, attempt }: SubworkflowCall,
): Promise<string> {
	const metadata = { parentRunId: attempt.runId, parentStep: attempt.path };
	const options = { input, metadata, idempotencyKey: attempt.idempotencyKey };
	const { runId } = await manager.start(workflow, options);
	const { status } = await manager.status(runId);
	if (isRunEnded(status) && status !== 'completed') {
		return (await manager.start(workflow, { ...options, onDuplicate: 'replace' })).runId;
	}
	if (isRunEnded(status) || manager.isHere(runId)) return runId;
	// Another process may have it, or somebody is taking it up just now: then its end is awaited.
	await manager.resume(runId).catch(async (error: Error) => {
		if (errorClassOf(error) !== 'conflict') await Promise.reject(error);
	});
	return runId;
}

async function outcomeOf(
	manager: SubworkflowHost,
	{ waitFor }: SubworkflowCall,
	runId: string,
): Promise<Json> {
	for (let round = 1; ; round++) {
		const { status } = await manager.untilRest(runId);
		if (isRunEnded(status)) return outputOf(await manager.result(runId));
		const told = waitFor(`execution#${round}`, { payload: childEnd(runId) });
		told.catch(() => undefined);
		// It may have ended before anybody could know that this step waits for it.
		const again = await manager.status(runId);
		if (isRunEnded(again.status)) return outputOf(await manager.result(runId));
		await told;
	}
}

/** What a step asks that waits for the end of an execution. */
function childEnd(runId: string): { endOfExecution: string } {
	return { endOfExecution: runId };
}

/** The execution whose end a step waits for; `undefined` when it asks people. */
export function awaitedChild({ payload }: { payload?: unknown }): string | undefined {
	const child = isJsonObject(payload) ? payload.endOfExecution : undefined;
	return typeof child === 'string' ? child : undefined;
}

/** The question of a step that waits for the end of an execution; `undefined` when none does. */
export async function waitingParent(
	{ runId, metadata }: Pick<ExecutionRecord, 'runId' | 'metadata'>,
	executions: Executions,
	local: LocalRuns,
): Promise<{ runId: string; requestId: string } | undefined> {
	if (typeof metadata.parentRunId !== 'string') return undefined;
	const parentRunId = metadata.parentRunId.split('/')[0]!;
	const parent = await executions.get(parentRunId);
	const { requests } = local.get(parentRunId)?.view(parent) ?? parent;
	const request = requests.find((one) => awaitedChild(one) === runId);
	return request && { runId: parentRunId, requestId: request.requestId };
}

function outputOf({ runId, status, output, error, cause }: ExecutionResult): Json {
	if (status === 'completed') return output;
	if (error === undefined) throw new AbortError(cause?.message, { details: { runId } });
	const { code, message, ...info } = error;
	throw new EngineError(code, message, { ...info, details: { ...info.details, runId } });
}
