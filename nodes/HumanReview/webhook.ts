import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { PAGE_HEADERS, answerReviewCall, decisionsOf, unavailablePage } from '../../lib';
import type { ReviewReply, ReviewState } from '../../lib';
import { sendLink, urlOf } from './delegation';
import { n8nRuntime } from '../shared/runtime';
import { openStore } from '../shared/store';
import { decisionItems, storedItems } from './decisionItems';
import { isToolGate } from './execute';
import { recordDecisions } from './records';
import { readForm } from './requestBody';
import { loadSession, markRun, secretOf, waitingDataOf } from './session';

/**
 * Answers a request to the address of a waiting review.
 *
 * Never throws: n8n would take that for the end of the wait, and continue the workflow by the
 * first output.
 */
export async function webhook(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	return await answer(context)
		.catch(() => send(context, unavailablePage(headerOf(context, 'accept-language'))))
		// Not even a page can be sent; the execution waits on all the same.
		.catch(() => ({ noWebhookResponse: true }));
}

async function answer(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const waiting = waitingDataOf(context);
	const session = loadSession(waiting);
	const request = context.getRequestObject();
	const { reviewer = '', code = '' } = context.getQueryData() as Record<string, unknown>;
	const store = await openStore(context);
	const reply = await answerReviewCall(
		{
			method: request.method,
			headers: request.headers,
			link: { reviewer: text(reviewer), code: text(code) },
			readForm: async () => await readForm(request),
		},
		{
			request: session.request,
			store,
			runtime: n8nRuntime,
			secret: secretOf(context),
			runId: session.runId,
			urlOf: (reviewer) => urlOf(context, session, reviewer),
			sendLink: async (passedOn) => await sendLink(context, store, session, passedOn),
			ownOrigins: [context.getSignedResumeUrl()],
		},
	);
	if (reply.closed === undefined) return send(context, reply);
	const decisions = decisionsOf(session.request, reply.closed);
	// For runs that ask again and for lists; the decision itself is in the store already.
	const { name } = context.getNode();
	await recordDecisions(store, session, decisions, name).catch(() => undefined);
	markRun(context, waiting);
	return resume(context, reply, decisionsToItems(context, reply.closed));
}

function text(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

function decisionsToItems(context: IWebhookFunctions, closed: ReviewState) {
	const waiting = waitingDataOf(context);
	const { request } = loadSession(waiting);
	const items = storedItems(waiting.data.main ?? []);
	const isTool = isToolGate(context.getNode().type);
	return decisionItems(items, decisionsOf(request, closed), request, isTool);
}

/** Sends a page; the execution goes on waiting. */
function send(context: IWebhookFunctions, { status, html }: ReviewReply): IWebhookResponseData {
	const response = context.getResponseObject();
	response.status(status);
	for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
	if (context.getRequestObject().method === 'HEAD') response.end();
	else response.end(html);
	return { noWebhookResponse: true };
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
	const response = context.getResponseObject();
	for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
	return { webhookResponse: html, workflowData };
}

function headerOf(context: IWebhookFunctions, name: string): string | undefined {
	const value = context.getHeaderData()[name];
	return typeof value === 'string' ? value : undefined;
}
