import type { IWebhookDescription, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { z } from 'zod';

import { parse, redactor, toJson } from '../../../lib';
import type { FanOutTask, Json, SerializedError } from '../../../lib';
import { n8nRuntime } from '../../shared/runtime';
import { openStore } from '../../shared/store';
import { outputsOf } from '../output';
import { Reports } from '../reports';
import { recordEnds } from './record';
import { loadJoin } from './state';
import type { JoinState, JoinTask } from './state';
import type { Delivery } from './watch';

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

const error = z.custom<SerializedError>((value) => typeof value === 'object' && value !== null);

const bodySchema = z.object({
	joinId: z.string(),
	results: z.array(
		z.discriminatedUnion('status', [
			z.object({ index: z.number(), status: z.literal('completed'), result: z.unknown() }),
			z.object({ index: z.number(), status: z.literal('failed'), error }),
		]),
	),
});

/**
 * Takes the results of sub-workflows that had waited, and continues the execution.
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
	const { joinId, results } = parse(bodySchema, context.getBodyData(), 'Results of sub-workflows');
	if (state?.joinId !== joinId) return { webhookResponse: { joined: false, stale: true } };
	const delivered = new Map((results as Delivery[]).map((end) => [end.index, end]));
	const missing = state.tasks.some(
		({ ended, place }) => place !== undefined && !delivered.has(ended.index),
	);
	if (missing) return { webhookResponse: { joined: false } };

	const reports = new Reports();
	const ended = state.tasks.map((task) => finished(task, delivered, state, reports));
	// The results are in the items; that they cannot be recorded must not hold them back.
	await recordEnds(await openStore(context), state.tasks, ended).catch(() => undefined);
	const plan = { tasks: state.tasks, reports, redact: redactor() };
	return {
		webhookResponse: { joined: true },
		workflowData: outputsOf(state.settings, plan, ended),
	};
}

/** A task as it has ended by now: as it was, or as its sub-workflow was delivered. */
function finished(
	{ ended, report, place }: JoinTask,
	delivered: ReadonlyMap<number, Delivery>,
	{ since, settings }: JoinState,
	reports: Reports,
): FanOutTask<Json> {
	reports.add(ended.index, report);
	const end = place === undefined ? undefined : delivered.get(ended.index);
	if (end === undefined) return ended;
	const { key, index, attempts } = ended;
	const durationMs = ended.durationMs + n8nRuntime.now() - since;
	const base = { key, index, attempts, durationMs };
	if (end.status === 'completed') return { ...base, status: 'completed', result: end.result };
	const { onTaskFailure, defaultResult } = settings.options;
	if (onTaskFailure !== 'useDefault') return { ...base, status: 'failed', error: end.error };
	reports.add(index, { failure: end.error });
	return { ...base, status: 'completed', result: toJson(defaultResult ?? null) };
}
