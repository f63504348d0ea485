import type { IExecuteFunctions } from 'n8n-workflow';

import type { HttpClient, HttpRequest, Json } from '../../../lib';
import { nodeHttpClient } from '../../shared/http';
import { parameterReader } from '../../shared/parameters';
import { webhookWorkersSchema } from '../parameters';
import { properties } from '../properties';
import type { Work } from '../task';
import { call } from './call';
import { taskItems } from './taskItems';

const CALLBACK_HEADER = 'x-callback-url';

const HINTS = {
	404: 'Publish the workflow, and use the production address of its Webhook trigger with method POST',
};

/**
 * Posts a task to the webhook of a workflow.
 *
 * @param more - with a call-back address, the response says no more than that the call has arrived
 */
export async function callWorker(
	http: HttpClient,
	{ url, body }: Pick<HttpRequest, 'url' | 'body'>,
	{ signal, callbackUrl }: { signal: AbortSignal; callbackUrl?: string },
): Promise<Json> {
	const headers = callbackUrl === undefined ? undefined : { [CALLBACK_HEADER]: callbackUrl };
	return await call(http, { method: 'POST', url, body, headers, signal }, HINTS);
}

/**
 * Each task is an execution of a published workflow, started through its Webhook trigger. In queue
 * mode n8n gives each to whichever worker is free, which it does not do for sub-workflows.
 */
export function webhookWorkersWork(context: IExecuteFunctions): Work {
	const read = parameterReader(context, webhookWorkersSchema, properties);
	const http = nodeHttpClient(context);
	const items = context.getInputData();
	return {
		// Only the user knows whether the workflow may run twice.
		defaultAttempts: 1,
		retriesItself: false,
		tasksOf: (itemIndexes) => {
			const { webhookUrl: url, options } = read(itemIndexes[0]!);
			const own = itemIndexes.map((itemIndex) => items[itemIndex]!);
			const jsons = taskItems(own, options.taskInput).map(({ json }) => json);
			const body = jsons.length === 1 ? jsons[0] : jsons;
			return [
				{
					input: { url, body },
					run: async ({ signal }) => await callWorker(http, { url, body }, { signal }),
					remote: { url, body },
				},
			];
		},
	};
}
