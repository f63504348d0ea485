import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import {
	answerReviewCall,
	invalidLinkPage,
	isGenuine,
	loadReview,
	pageLink,
	readDesk,
} from '../../lib';
import type { HttpClient, KeptDesk, ReviewReply, Store } from '../../lib';
import { sendLink } from '../HumanReview/delegation';
import { callOf, languagesOf, queryText, sendPage, servePages } from '../HumanReview/pages';
import { nodeHttpClient } from '../shared/http';
import { endGone } from '../shared/reviews';
import { n8nRuntime } from '../shared/runtime';
import { openStore } from '../shared/store';
import { deliver, waitingAt } from './delivery';
import type { Waiting } from './delivery';

/** Answers a request to the page of any review; never throws, and starts no workflow. */
export async function webhook(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	return await servePages(context, answer);
}

async function answer(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const store = await openStore(context);
	const desk = await readDesk(store, queryText(context, 'review'));
	const call = callOf(context);
	if (desk === undefined || !isGenuine(desk.secret, desk.request.requestId, call.link)) {
		return sendPage(context, invalidLinkPage(languagesOf(context)));
	}
	const http = nodeHttpClient(context);
	const waiting = await endedIfGone(store, desk, call.method, http);
	const reply = await answerReviewCall(call, {
		...desk,
		store,
		runtime: n8nRuntime,
		hasGoneOn: waiting === 'gone',
		urlOf: (reviewer) => pageLink(desk, reviewer),
		sendLink: async (passedOn) => await sendLink(context, store, desk.request, passedOn),
		ownOrigins: [desk.pageUrl],
	});
	return await handedOver(context, http, desk, reply);
}

/**
 * Before something is decided, and when it is over: does the workflow still wait? A review of an
 * execution that was stopped, has failed or was deleted is ended: nobody can decide it any more.
 */
async function endedIfGone(
	store: Store,
	{ request, deliveryUrl }: KeptDesk,
	method: string,
	http: HttpClient,
): Promise<Waiting> {
	const { status } = await loadReview(store, request);
	if (method !== 'POST' && status === 'open') return 'unknown';
	const waiting = await waitingAt(http, deliveryUrl);
	if (waiting === 'gone' && status === 'open') await endGone(store, request.requestId);
	return waiting;
}

/**
 * Sends the page; when the review has ended by it, after the workflow has gone on: the receipt
 * tells the truth. Where this n8n cannot reach its own address, the browser takes the way itself.
 */
async function handedOver(
	context: IWebhookFunctions,
	http: HttpClient,
	{ deliveryUrl }: KeptDesk,
	reply: ReviewReply,
): Promise<IWebhookResponseData> {
	if (reply.closed === undefined || (await deliver(http, deliveryUrl))) {
		return sendPage(context, reply);
	}
	context.getResponseObject().setHeader('Location', deliveryUrl);
	return sendPage(context, { ...reply, status: 307 });
}
