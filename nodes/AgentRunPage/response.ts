import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { STREAM_HEADERS } from '../../lib';
import type { MonitorReply, PageReader } from '../../lib';

/** What is needed to answer a request oneself. */
type ResponseContext = Pick<IWebhookFunctions, 'getResponseObject'>;

/** What n8n adds to a response: with `flush`, compression does not hold back what was written. */
interface Flushed {
	flush?: () => void;
}

/** Sends an answer; n8n sends nothing besides. */
export function send(
	context: ResponseContext,
	{ statusCode, headers, body }: MonitorReply,
): IWebhookResponseData {
	const response = context.getResponseObject();
	response.status(statusCode);
	for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
	response.end(body);
	return { noWebhookResponse: true };
}

/** A stream of events as the answer, with what happens when it is closed from the other side. */
export interface EventStream extends PageReader {
	onClose(then: () => void): void;
}

/** Keeps the answer open: whatever is written to it is sent at once. */
export function streamTo(context: ResponseContext): EventStream {
	const response = context.getResponseObject();
	let begun = false;
	const begin = (): void => {
		if (begun) return;
		begun = true;
		response.status(200);
		for (const [name, value] of Object.entries(STREAM_HEADERS)) response.setHeader(name, value);
	};
	return {
		get busy() {
			return response.writableNeedDrain;
		},
		write: (text) => {
			begin();
			response.write(text);
			(response as Flushed).flush?.();
		},
		end: () => void response.end(),
		onClose: (then) => void response.on('close', then),
	};
}
