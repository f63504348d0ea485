import { cancelRun, isRunEnded, readRun, RECORDED } from '../../../lib';
import type { ExecutionStatus, Json, JsonObject, WorkflowManager } from '../../../lib';
import { n8nRuntime } from '../../shared/runtime';
import { item, operation } from '../operation';
import type { ItemContext } from '../operation';
import {
	cancelAllSchema,
	cancelSchema,
	cancelStepSchema,
	cleanUpSchema,
	executionSchema,
	getEventsSchema,
	getExecutionsSchema,
	noneSchema,
	pauseSchema,
	resumeSchema,
	startSchema,
} from '../parameters';
import { shownEvent, shownResult, shownStatus, shownSummary } from '../views';

/** Starts an execution, and waits for it unless told otherwise. */
export const start = operation({
	schema: startSchema,
	run: async ({ workflowFrom, workflowId, definition, input, waitForEnd, options }, context) => {
		const { newExecutionId, idempotencyKey, onDuplicate, timeoutSeconds } = options;
		const { runId } = await context.manager.start(workflowFrom === 'id' ? workflowId : definition, {
			...{ input, onDuplicate, metadata: metadataOf(options) },
			...(newExecutionId === '' ? {} : { runId: newExecutionId }),
			...(idempotencyKey === '' ? {} : { idempotencyKey }),
			...(timeoutSeconds > 0 ? { timeoutMs: timeoutSeconds * 1000 } : {}),
		});
		return await outcome(runId, waitForEnd, context);
	},
});

/** What is kept with an execution; whether it is recorded is a part of it. */
function metadataOf({ metadata, record }: { metadata: Json; record: boolean }): JsonObject {
	return { ...(metadata as JsonObject), ...(record && { [RECORDED]: true }) };
}

/** Goes on with an execution, and waits for it unless told otherwise. */
export const resume = operation({
	schema: resumeSchema,
	run: async ({ executionId, waitForEnd, options: { versions } }, context) => {
		await context.manager.resume(executionId, versions);
		return await outcome(executionId, waitForEnd, context);
	},
});

/** The execution as it is now; or when it has ended, is paused or waits for people. */
export async function outcome(
	runId: string,
	waitForEnd: boolean,
	{ manager, signal }: ItemContext,
) {
	const status = waitForEnd ? await atRest(manager, runId, signal) : await manager.status(runId);
	if (!isRunEnded(status.status)) return item(shownStatus(status));
	const { output } = await manager.result(runId);
	return item({ ...shownStatus(status), output });
}

/** Stopping the node's execution stops the one it waits for. */
async function atRest(
	manager: WorkflowManager,
	runId: string,
	signal: AbortSignal,
): Promise<ExecutionStatus> {
	const stop = (): void =>
		void manager.cancel(runId, 'The n8n execution was stopped.').catch(() => undefined);
	signal.addEventListener('abort', stop, { once: true });
	try {
		return await manager.untilRest(runId);
	} finally {
		signal.removeEventListener('abort', stop);
	}
}

/** How an execution is doing. */
export const getStatus = operation({
	schema: executionSchema,
	run: async ({ executionId }, { manager }) => item(shownStatus(await manager.status(executionId))),
});

/** All that an execution is made of: its status, graph, input, outputs, definition and checkpoint. */
export const getDetails = operation({
	schema: executionSchema,
	run: async ({ executionId }, { manager }) => {
		const detail = await manager.detail(executionId);
		return item({ ...detail, ...shownStatus(detail) });
	},
});

/** What has happened since a position, oldest first. */
export const getEvents = operation({
	schema: getEventsSchema,
	run: async ({ after, limit, options: { ofExecution } }, { manager }) => {
		const { events } = await manager.events({
			...{ after, limit },
			...(ofExecution === '' ? {} : { runId: ofExecution }),
		});
		return events.map((event) => ({ json: shownEvent(event) }));
	},
});

/** What an execution gave. */
export const getResult = operation({
	schema: executionSchema,
	run: async ({ executionId }, { manager }) => item(shownResult(await manager.result(executionId))),
});

/** Lists executions, last updated first. */
export const getMany = operation({
	schema: getExecutionsSchema,
	run: async ({ returnAll, limit, options }, { manager }) => {
		const { offset, activeOnly, ofWorkflow, status } = options;
		const { executions } = await manager.list({
			limit: returnAll ? 1000 : limit,
			offset,
			active: activeOnly,
			...(ofWorkflow === '' ? {} : { workflowId: ofWorkflow }),
			...(status.length === 0 ? {} : { status }),
		});
		return executions.map((summary) => ({ json: shownSummary(summary) }));
	},
});

/** Stops before the next steps, and gives the checkpoint. */
export const pause = operation({
	schema: pauseSchema,
	run: async ({ executionId, options: { pauseMode } }, { manager }) => {
		const checkpoint = (await manager.pause(executionId, pauseMode)) ?? null;
		return item({ ...shownStatus(await manager.status(executionId)), checkpoint });
	},
});

/** Stops an execution for good; or the nodes that work for a run of their own, by its run key. */
export const cancel = operation({
	schema: cancelSchema,
	run: async ({ executionId, options: { reason } }, { manager, store, caller }) => {
		const cancelled = await manager.cancel(executionId, reason).then(shownStatus, asError);
		if (!(cancelled instanceof Error)) return item(cancelled);
		const unknown = 'code' in cancelled && cancelled.code === 'NOT_FOUND' && caller === undefined;
		const run = unknown ? await readRun(store, executionId) : undefined;
		if (run === undefined) return await Promise.reject(cancelled);
		await cancelRun({ store, runtime: n8nRuntime, runId: executionId }, reason);
		const status = isRunEnded(run.status) ? run.status : 'cancelling';
		return item({ executionId, status });
	},
});

const asError = (error: unknown): Error => error as Error;

/** Stops everything that has not ended. */
export const cancelAll = operation({
	schema: cancelAllSchema,
	run: async ({ ofWorkflow, options: { reason } }, { manager }) => {
		const cancelled = await manager.cancelAll(reason, ofWorkflow === '' ? undefined : ofWorkflow);
		return item({ cancelled, count: cancelled.length });
	},
});

/** Stops one step; the rest of the execution goes on as far as it can. */
export const cancelStep = operation({
	schema: cancelStepSchema,
	run: async ({ executionId, stepId }, { manager }) => {
		const cancelled = await manager.cancelStep(executionId, stepId);
		return item({ executionId, stepId, cancelled });
	},
});

const HOUR_MS = 3_600_000;

/** Removes ended executions. */
export const cleanUp = operation({
	schema: cleanUpSchema,
	run: async ({ olderThanHours, keepLast, options: { ofWorkflow } }, { manager }) => {
		const removed = await manager.cleanup({
			olderThanMs: olderThanHours * HOUR_MS,
			keepLast,
			...(ofWorkflow === '' ? {} : { workflowId: ofWorkflow }),
		});
		return item({ removed, count: removed.length });
	},
});

/** Goes on with everything whose process died, or whose waiting time is over. */
export const recover = operation({
	schema: noneSchema,
	run: async (_parameters, { manager }) => item(await manager.recover()),
});
