import type { IWebhookDescription, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { z } from 'zod';

import { JoinLog, parse, redactor, toJson } from '../../../lib';
import type { JoinEnd, JoinTask } from '../../../lib';
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

const bodySchema = z.object({ joinId: z.string() });

/**
 * Hears that all tasks have ended, takes their results out of the store, and continues the
 * execution.
 *
 * Never throws: n8n would take that for the end of the wait, and continue the workflow by the
 * first output.
 */
export async function webhook(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	return await join(context).catch((failure: unknown) => {
		context.logger.warn('Parallel Fan-out could not join', { failure: String(failure) });
		return { webhookResponse: { joined: false } };
	});
}

async function join(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const state = loadJoin(context);
	const { joinId } = parse(bodySchema, context.getBodyData(), 'End of tasks');
	if (state?.joinId !== joinId) return { webhookResponse: { joined: false, stale: true } };
	const store = await openStore(context);
	const open = state.tasks.filter((task) => task.open !== undefined);
	const log = new JoinLog(store, joinId, open.length);
	await log.refresh();
	if (!log.isOver) return { webhookResponse: { joined: false } };

	const plan = await loadPlan(store, joinId);
	const reports = new Reports();
	const ended = state.tasks.map((task) => finished(task, log.tasks, state, reports));
	for (const { index, open: isOpen } of open) {
		const { executionId } = log.tasks[isOpen!.at]!;
		const workflowId = plan?.tasks[isOpen!.at]?.workflowId;
		if (executionId === undefined || workflowId === undefined) continue;
		reports.add(index, { subExecution: { executionId, workflowId } });
	}
	// The results are in the items; that they cannot be recorded must not hold them back.
	const subExecutionOf = (index: number) => reports.of(index).subExecution;
	await recordEnds(store, state.tasks, ended, subExecutionOf).catch(() => undefined);
	return {
		webhookResponse: { joined: true },
		workflowData: outputsOf(
			state.settings,
			{ tasks: state.tasks, reports, redact: redactor() },
			ended,
		),
	};
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
	if (end!.status === 'completed') return { ...base, status: 'completed', result: end!.result };
	const { error } = end as Extract<JoinEnd, { status: 'failed' }>;
	const { onTaskFailure, defaultResult } = settings.options;
	if (onTaskFailure !== 'useDefault') return { ...base, status: 'failed', error };
	reports.add(index, { failure: error });
	return { ...base, status: 'completed', result: toJson(defaultResult ?? null) };
}
