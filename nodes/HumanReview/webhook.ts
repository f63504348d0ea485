import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { answerReviewCall, decisionsOf } from '../../lib';
import type { ReviewReply, ReviewState } from '../../lib';
import { sendLink } from './delegation';
import { n8nRuntime } from '../shared/runtime';
import { openStore } from '../shared/store';
import { decisionItems, storedItems } from './decisionItems';
import { isToolGate } from './execute';
import { callOf, sendPage, servePages, setPageHeaders } from './pages';
import { recordDecisions } from './records';
import { loadSession, markRun, reviewUrl, secretOf, waitingDataOf } from './session';

/** Answers a request to the address of a waiting review; never throws. */
export async function webhook(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	return await servePages(context, answer);
}

async function answer(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const waiting = waitingDataOf(context);
	const session = loadSession(waiting);
	const { request, runId } = session;
	const secret = secretOf(context);
	const store = await openStore(context);
	const reply = await answerReviewCall(callOf(context), {
		request,
		store,
		runtime: n8nRuntime,
		secret,
		runId,
		urlOf: (reviewer) => reviewUrl(context, secret, request.requestId, reviewer),
		sendLink: async (passedOn) => await sendLink(context, store, request, passedOn),
		ownOrigins: [context.getSignedResumeUrl()],
	});
	if (reply.closed === undefined) return sendPage(context, reply);
	const decisions = decisionsOf(request, reply.closed);
	// For runs that ask again and for lists; the decision itself is in the store already.
	const { name } = context.getNode();
	await recordDecisions(store, session, decisions, name).catch(() => undefined);
	markRun(context, waiting);
	return resume(context, reply, decisionsToItems(context, reply.closed));
}

function decisionsToItems(context: IWebhookFunctions, closed: ReviewState) {
	const waiting = waitingDataOf(context);
	const { request } = loadSession(waiting);
	const items = storedItems(waiting.data.main ?? []);
	const isTool = isToolGate(context.getNode().type);
	return decisionItems(items, decisionsOf(request, closed), request, isTool);
}

/**
 * Lets the execution go on. n8n itself sends the page, once it is sure that nobody else has
 * continued the execution: the receipt tells the truth.
 */
function resume(
	context: IWebhookFunctions,
	{ html }: ReviewReply,
	workflowData: IWebhookResponseData['workflowData'],
): IWebhookResponseData {
	setPageHeaders(context);
	return { webhookResponse: html, workflowData };
}
