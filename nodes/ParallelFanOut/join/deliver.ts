import type { IExecuteFunctions } from 'n8n-workflow';

import { parseJson } from '../../../lib';
import type { HttpResponse } from '../../../lib';
import { nodeHttpClient } from '../../shared/http';
import { isOver } from '../../shared/executions';
import type { JoinPlan } from './plan';

const DELIVERY_TIMEOUT_MS = 30_000;

/** Whether the execution that waited has ended in another way, or is gone. */
export async function isAbandoned(context: IExecuteFunctions, parentId: string): Promise<boolean> {
	const parent = await context.getExecutionDataById(parentId);
	return parent === undefined || parent.resultData.error !== undefined || isOver(parent);
}

/** Tells the node that waits that all tasks have ended. @returns whether it has listened, or never will */
export async function tell(
	context: IExecuteFunctions,
	{ url, joinId }: Pick<JoinPlan, 'url' | 'joinId'>,
): Promise<boolean> {
	const answer = await nodeHttpClient(context).request({
		method: 'POST',
		url,
		body: { joinId },
		timeoutMs: DELIVERY_TIMEOUT_MS,
	});
	return isFinal(answer);
}

/**
 * Whether the node has listened, or never will. n8n answers 409 while an execution is not waiting
 * yet, and 500 to those who come second at the same moment: both may change.
 */
function isFinal({ status, headers, text }: HttpResponse): boolean {
	if (status === 401 || status === 404) return true;
	if (status === 409) return text.includes('finished');
	if (status !== 200) return false;
	// A page instead of data: n8n tells people that the wait is over.
	if (!/json/.test(headers['content-type'] ?? '')) return true;
	const answer = parseJson(text) as { joined?: boolean; stale?: boolean } | null;
	return answer?.joined === true || answer?.stale === true;
}
