import type {
	INodeExecutionData,
	IWebhookDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { z } from 'zod';

import {
	EngineError,
	isJsonObject,
	JoinLog,
	parse,
	redactor,
	serializeError,
	show,
	toJson,
} from '../../../lib';
import type { JoinEnd, JoinTask, Json, SerializedError, Store } from '../../../lib';
import { n8nRuntime } from '../../shared/runtime';
import { openStore } from '../../shared/store';
import { outputsOf } from '../output';
import { Reports } from '../reports';
import type { EndedTask } from '../task';
import { loadPlan } from './plan';
import { recordEnds } from './record';
import { loadJoin } from './state';
import type { HeldTask, JoinState } from './state';

/** The address of a node that waits; n8n signs it because the operation is `sendAndWait`. */
export const joinWebhooks: IWebhookDescription[] = [
	{
		name: 'default',
		httpMethod: 'POST',
		responseMode: 'onReceived',
		responseData: '',
		path: '={{ $nodeId }}',
		restartWebhook: true,
		isFullPath: true,
	},
];

const tellSchema = z.object({ joinId: z.string() });

/** What the address of a call-back says; n8n has checked its signature. */
const callbackSchema = z.object({ joinId: z.string(), task: z.coerce.number().int().min(0) });

/**
 * Hears that all tasks have ended, or one of them by a call-back; takes the results out of the
 * store, and continues the execution when all are there.
 *
 * Never throws: n8n would take that for the end of the wait, and continue the workflow by the
 * first output.
 */
export async function webhook(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const hear = async () => {
		const query = callbackSchema.safeParse(context.getQueryData());
		return query.success ? await calledBack(context, query.data) : await join(context);
	};
	return await hear().catch((failure: unknown) => {
		context.logger.warn('Parallel Fan-out could not join', { failure: String(failure) });
		return { webhookResponse: { joined: false } };
	});
}

async function join(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const state = loadJoin(context);
	const { joinId } = parse(tellSchema, context.getBodyData(), 'End of tasks');
	if (state?.joinId !== joinId) return STALE;
	const store = await openStore(context);
	const log = await readLog(store, state);
	if (!log.isOver) return { webhookResponse: { joined: false } };
	return { webhookResponse: { joined: true }, workflowData: await joined(store, state, log) };
}

/** Records what a called workflow has told; the one that completes the join continues it. */
async function calledBack(
	context: IWebhookFunctions,
	{ joinId, task: index }: z.infer<typeof callbackSchema>,
): Promise<IWebhookResponseData> {
	const state = loadJoin(context);
	if (state?.joinId !== joinId) return STALE;
	const store = await openStore(context);
	const before = await readLog(store, state);
	if (before.tasks[index]?.status === 'ended') return { webhookResponse: { recorded: true } };
	const end = toldEnd(toJson(context.getBodyData()));
	await before.record({ index, at: n8nRuntime.now(), what: 'ended', end });
	const log = await readLog(store, state);
	// Several may come at the same moment, and n8n answers 500 to those who continue second.
	if (!log.isOver || log.lastEnded !== index) return { webhookResponse: { recorded: true } };
	return { webhookResponse: { recorded: true }, workflowData: await joined(store, state, log) };
}

const STALE: IWebhookResponseData = { webhookResponse: { joined: false, stale: true } };

async function readLog(store: Store, { joinId, tasks }: JoinState): Promise<JoinLog> {
	const log = new JoinLog(store, joinId, tasks.filter(({ open }) => open !== undefined).length);
	await log.refresh();
	return log;
}

/** A body that has nothing but an `error` tells that the task has failed. */
function toldEnd(body: Json): JoinEnd {
	if (!isJsonObject(body) || body.error === undefined || Object.keys(body).length > 1) {
		return { status: 'completed', result: body };
	}
	const { error: told } = body;
	const message = isJsonObject(told) ? told.message : told;
	const error = new EngineError(
		'WORKER_FAILED',
		`The workflow told a failure: ${typeof message === 'string' ? message : show(message)}`,
	);
	return { status: 'failed', error: serializeError(error) };
}

/** What leaves the node when all tasks have ended. */
async function joined(
	store: Store,
	state: JoinState,
	log: JoinLog,
): Promise<INodeExecutionData[][]> {
	const plan = await loadPlan(store, state.joinId);
	const reports = new Reports();
	const ended = state.tasks.map((task) => finished(task, log.tasks, state, reports));
	for (const { index, open } of state.tasks) {
		if (open === undefined) continue;
		const { executionId } = log.tasks[open.at]!;
		const remote = plan?.tasks[open.at]?.remote;
		if (executionId === undefined || remote === undefined || 'url' in remote) continue;
		reports.add(index, { subExecution: { executionId, workflowId: remote.workflowId } });
	}
	// The results are in the items; that they cannot be recorded must not hold them back.
	const subExecutionOf = (index: number) => reports.of(index).subExecution;
	await recordEnds(store, state.tasks, ended, subExecutionOf).catch(() => undefined);
	const { settings, tasks } = state;
	return outputsOf(settings, { tasks, reports, redact: redactor() }, ended);
}

/** What is said of a completed task whose files are lost: results are kept while the node waits, files not. */
function notKept(files: readonly string[]): SerializedError {
	const error = new EngineError(
		'FILES_NOT_KEPT',
		`The task completed; its files are not kept while the node waits: ${files.join(', ')}.`,
		{ hint: 'Let the sub-workflow store files, and return where they are', retryable: false },
	);
	return serializeError(error);
}

/** A task as it has ended by now: in the node, or as the log of the join says. */
function finished(
	{ key, index, ended, report, open }: HeldTask,
	log: readonly JoinTask[],
	{ since, settings }: JoinState,
	reports: Reports,
): EndedTask {
	reports.add(index, report);
	if (open === undefined) return ended!;
	const { end, runs, startedAt = since, endedAt = since } = log[open.at]!;
	const durationMs = open.durationMs + Math.max(0, endedAt - startedAt);
	const base = { key, index, attempts: runs, durationMs };
	if (end!.status === 'completed') {
		const { result, files } = end as Extract<JoinEnd, { status: 'completed' }>;
		if (files !== undefined) reports.add(index, { failure: notKept(files) });
		return { ...base, status: 'completed', result };
	}
	const { error } = end as Extract<JoinEnd, { status: 'failed' }>;
	const { onTaskFailure, defaultResult } = settings.options;
	if (error.errorClass === 'abort') return { ...base, status: 'cancelled', error };
	if (onTaskFailure !== 'useDefault') return { ...base, status: 'failed', error };
	reports.add(index, { failure: error });
	return { ...base, status: 'completed', result: toJson(defaultResult ?? null) };
}
