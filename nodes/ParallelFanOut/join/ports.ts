import type { IExecuteFunctions } from 'n8n-workflow';

import { AbortError, cancelWish, EngineError, serializeError } from '../../../lib';
import type { JoinEnd, JoinPorts, JoinTask, Json, Store, TaskStart } from '../../../lib';
import { nodeHttpClient } from '../../shared/http';
import { n8nRuntime } from '../../shared/runtime';
import { taskLimits } from '../limits';
import type { TaskReport } from '../task';
import { ChildWaits, runSubWorkflow } from '../work/subWorkflow';
import { callWorker } from '../work/webhookWorkers';
import { isLeftAlone, stopOpen } from './abandoned';
import { endOf, isCrashed, namesOf } from './child';
import { tell } from './deliver';
import type { JoinPlan } from './plan';
import { isCrashedWaiting } from './status';

/** How long an execution that waits is trusted not to have crashed, in milliseconds. */
const TRUSTED_MS = 60_000;

/** What executions of workflows are, as works go. */
const EXECUTIONS = { defaultAttempts: 1, retriesItself: false };

/** The world of a join: executions of n8n, and the node that waits for them. */
export function portsFor(context: IExecuteFunctions, store: Store, plan: JoinPlan): JoinPorts {
	const { around } = taskLimits(plan.settings, EXECUTIONS, plan.tasks);
	const never = new AbortController().signal;
	const trustedAt = new Map<string, number>();
	const cancelled = cancelledEnd(context, store, plan);
	return {
		start: async (index) => {
			const stopped = await cancelled();
			if (stopped !== undefined) return stopped;
			const { key } = plan.tasks[index]!;
			let report: TaskReport = {};
			const attempt = async (signal = never): Promise<Json> =>
				await startTask(context, plan, index, signal, (told) => (report = { ...report, ...told }));
			const work =
				around === undefined
					? attempt()
					: around(attempt, { index, key, attempt: 1, signal: never });
			const end = await work.then(
				(result): JoinEnd => ({ status: 'completed', result, ...namesOf(report.binary) }),
				(error: unknown): TaskStart =>
					error instanceof WorksElsewhere || error instanceof ChildWaits
						? { status: 'waiting' }
						: { status: 'failed', error: serializeError(error) },
			);
			const executionId = report.waits ?? report.subExecution?.executionId;
			if (executionId === undefined) return end;
			trustedAt.set(executionId, n8nRuntime.now());
			return { ...end, executionId };
		},
		look: async (_, task) => {
			const stopped = await cancelled();
			if (stopped !== undefined) return stopped;
			const { executionId } = task;
			if (executionId === undefined) return overdueEnd(plan, task) ?? 'open';
			const run = await context.getExecutionDataById(executionId);
			const end = isCrashed(run) ? 'crashed' : endOf(run, executionId);
			if (end !== undefined) return end;
			if (n8nRuntime.now() - (trustedAt.get(executionId) ?? 0) < TRUSTED_MS) return 'open';
			trustedAt.set(executionId, n8nRuntime.now());
			const crashed = await isCrashedWaiting(context, plan, executionId, run?.resumeToken);
			return crashed ? 'crashed' : 'open';
		},
		tell: async () => await tell(context, plan).catch(() => false),
		isAbandoned: async () => await isLeftAlone(context, store, plan),
	};
}

/** How often a runner asks whether the run was cancelled, in milliseconds. */
const WISH_MS = 1000;

/** The end of every open task once somebody has cancelled the run; undefined until then. */
function cancelledEnd(
	context: IExecuteFunctions,
	store: Store,
	plan: JoinPlan,
): () => Promise<JoinEnd | undefined> {
	let askedAt = -Infinity;
	let end: JoinEnd | undefined;
	return async () => {
		if (end !== undefined || n8nRuntime.now() - askedAt < WISH_MS) return end;
		askedAt = n8nRuntime.now();
		for (const { runKey } of plan.places) {
			const wish = await cancelWish(store, runKey, plan.since);
			if (wish === undefined || end !== undefined) continue;
			end = { status: 'failed', error: serializeError(new AbortError(wish.message)) };
			await stopOpen(context, store, plan);
		}
		return end;
	};
}

async function startTask(
	context: IExecuteFunctions,
	{ tasks, mode, parentId, parentWorkflowId }: JoinPlan,
	index: number,
	signal: AbortSignal,
	report: (told: TaskReport) => void,
): Promise<Json> {
	const { remote, callbackUrl } = tasks[index]!;
	if ('url' in remote) {
		await callWorker(nodeHttpClient(context), remote, { signal, callbackUrl });
		throw new WorksElsewhere();
	}
	const { workflowId, items } = remote;
	const parent = { executionId: parentId, workflowId: parentWorkflowId };
	const call = { signal, report };
	return await runSubWorkflow(context, workflowId, items, call, { mode, parent, mayWait: true });
}

/** A called workflow works, and will tell its result. */
class WorksElsewhere extends EngineError {
	constructor() {
		super('WORKS_ELSEWHERE', 'The task is worked on elsewhere.', { retryable: false });
	}
}

/** The end of a task that has not told its result in time, if there is a time. */
function overdueEnd(
	{ settings }: JoinPlan,
	{ startedAt = Infinity }: Readonly<JoinTask>,
): JoinEnd | undefined {
	const limitSeconds = settings.options.taskTimeoutSeconds;
	if (limitSeconds === 0 || n8nRuntime.now() - startedAt < limitSeconds * 1000) return undefined;
	const error = new EngineError(
		'TIMEOUT',
		`The task was given to its workflow, which told no result within ${limitSeconds} s.`,
		{
			errorClass: 'timeout',
			hint: 'Let the workflow post its result to the address in the header x-callback-url, also when it fails',
		},
	);
	return { status: 'failed', error: serializeError(error) };
}
