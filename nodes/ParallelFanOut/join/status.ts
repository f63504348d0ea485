import type { IExecuteFunctions } from 'n8n-workflow';

import { nodeHttpClient } from '../../shared/http';
import type { JoinPlan } from './plan';

const STATUS_TIMEOUT_MS = 10_000;

/** In queue mode n8n calls it an error, without saying so in the data. */
const DEAD: ReadonlySet<string> = new Set(['crashed', 'error']);

/**
 * Whether n8n knows an execution as crashed although its data say that it waits: it was killed just
 * after somebody had answered, and before its next node had begun.
 *
 * The data do not tell, and a node has no other way to read the status than n8n's page for forms
 * that wait. Where that cannot be reached the execution counts as alive.
 *
 * @param join - its address has n8n's own in it
 * @param resumeToken - what n8n keeps with the execution, to know those who may ask
 */
export async function isCrashedWaiting(
	context: IExecuteFunctions,
	{ url }: Pick<JoinPlan, 'url'>,
	executionId: string,
	resumeToken: string | undefined,
): Promise<boolean> {
	const page = new URL(url.replace(/\/webhook-waiting\/.*$/, '/form-waiting/'));
	page.pathname += `${executionId}/n8n-execution-status`;
	if (resumeToken !== undefined) page.searchParams.set('signature', resumeToken);
	const answer = await nodeHttpClient(context)
		.request({ method: 'GET', url: page.toString(), timeoutMs: STATUS_TIMEOUT_MS })
		.catch(() => undefined);
	return answer?.status === 200 && DEAD.has(answer.text.trim());
}
