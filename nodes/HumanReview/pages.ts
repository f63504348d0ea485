import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { PAGE_HEADERS, unavailablePage } from '../../lib';
import type { ReviewCall, ReviewReply } from '../../lib';
import { readForm } from './requestBody';

/**
 * Answers a request with a page, whatever happens.
 *
 * Never throws: n8n would take that for the end of the wait, or the start of a workflow, and go on
 * by the first output.
 */
export async function servePages(
	context: IWebhookFunctions,
	answer: (context: IWebhookFunctions) => Promise<IWebhookResponseData>,
): Promise<IWebhookResponseData> {
	return await answer(context)
		.catch(() => sendPage(context, unavailablePage(languagesOf(context))))
		// Not even a page can be sent; nothing happens all the same.
		.catch(() => ({ noWebhookResponse: true }));
}

/** The request as reviews read it. */
export function callOf(context: IWebhookFunctions): ReviewCall {
	const request = context.getRequestObject();
	return {
		method: request.method,
		headers: request.headers,
		link: { reviewer: queryText(context, 'reviewer'), code: queryText(context, 'code') },
		readForm: async () => await readForm(request),
	};
}

/** A part of the address that was opened; empty when it is missing, or is no text. */
export function queryText(context: IWebhookFunctions, name: string): string {
	const value = (context.getQueryData() as Record<string, unknown>)[name];
	return typeof value === 'string' ? value : '';
}

/** The languages that the reader's browser asks for. */
export function languagesOf(context: IWebhookFunctions): string | undefined {
	const value = context.getHeaderData()['accept-language'];
	return typeof value === 'string' ? value : undefined;
}

/** Sends a page; nothing else happens. */
export function sendPage(
	context: IWebhookFunctions,
	{ status, html }: Pick<ReviewReply, 'status' | 'html'>,
): IWebhookResponseData {
	const response = context.getResponseObject();
	response.status(status);
	setPageHeaders(context);
	if (context.getRequestObject().method === 'HEAD') response.end();
	else response.end(html);
	return { noWebhookResponse: true };
}

/** See `PAGE_HEADERS`. */
export function setPageHeaders(context: IWebhookFunctions): void {
	const response = context.getResponseObject();
	for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
}
