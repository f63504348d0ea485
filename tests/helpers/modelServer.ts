/**
 * A model service on loopback whose every answer a test writes itself, down to the bytes: for
 * faults that a well-behaved stand-in cannot have.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call as the service saw it. */
export interface ServedCall {
	path: string;
	headers: IncomingHttpHeaders;
	body: WireRequest;
	/** When it arrived, in milliseconds of the monotonic clock. */
	at: number;
	/** Whether the caller closed the connection before the answer was complete. */
	brokenOff: boolean;
}

/** The parts of a chat completions request that tests look at. */
export interface WireRequest {
	model: string;
	messages: Array<{
		role: string;
		content: string;
		tool_calls?: unknown[];
		tool_call_id?: string;
	}>;
	tools?: Array<{ function: { name: string; description: string; parameters: unknown } }>;
	response_format?: unknown;
	stream?: boolean;
	[field: string]: unknown;
}

/** Answers one call. */
export type Answer = (
	response: ServerResponse,
	call: ServedCall,
	request: IncomingMessage,
) => void | Promise<void>;

/** A running service. */
export interface ModelService {
	/** What a client takes as base URL. */
	readonly url: string;
	readonly calls: ServedCall[];
	/** Answers for coming calls, in order; the last one answers all that follow. */
	answer(...answers: Answer[]): void;
	close(): Promise<void>;
}

/** What a model says in one turn. */
export interface Said {
	text?: string;
	toolCalls?: Array<{ id?: string; name: string; args: unknown }>;
	finishReason?: string;
	refusal?: string;
	model?: string;
	usage?: object | null;
}

/** The body of a chat completion. */
export function completion({ text = '', toolCalls = [], ...said }: Said): object {
	const calls = toolCalls.map(({ id, name, args }, index) => ({
		id: id ?? `call_${index + 1}`,
		type: 'function',
		function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
	}));
	return {
		id: 'chatcmpl-1',
		object: 'chat.completion',
		created: 0,
		model: said.model ?? 'test-model',
		choices: [
			{
				index: 0,
				finish_reason: said.finishReason ?? (calls.length > 0 ? 'tool_calls' : 'stop'),
				message: {
					role: 'assistant',
					content: text,
					...(said.refusal === undefined ? {} : { refusal: said.refusal }),
					...(calls.length > 0 ? { tool_calls: calls } : {}),
				},
			},
		],
		...(said.usage === null
			? {}
			: { usage: said.usage ?? { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } }),
	};
}

/** Answers with what a model says. */
export function says(said: Said | string): Answer {
	return json(200, completion(typeof said === 'string' ? { text: said } : said));
}

/** Answers with a status, a JSON body and headers. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
	return raw(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
}

/** Answers with an error as OpenAI words it. */
export function fails(
	status: number,
	message = 'It broke.',
	headers = {},
	code = 'broken',
): Answer {
	return json(status, { error: { message, type: 'error', code } }, headers);
}

/** Answers with a status, any text or bytes, and headers. */
export function raw(
	status: number,
	body: string | Uint8Array,
	headers: Record<string, string> = { 'content-type': 'application/json' },
): Answer {
	return (response) => {
		response.writeHead(status, headers);
		response.end(body);
	};
}

/** Answers with server-sent events, each `pauseMs` after the one before. */
export function streams(events: readonly unknown[], pauseMs = 0): Answer {
	return async (response) => {
		response.writeHead(200, { 'content-type': 'text/event-stream' });
		for (const event of events) {
			const data = typeof event === 'string' ? event : JSON.stringify(event);
			response.write(`data: ${data}\n\n`);
			if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
		}
		response.end();
	};
}

/** Never answers. */
export const silence: Answer = () => undefined;

/** Starts a service. */
export async function modelService(...answers: Answer[]): Promise<ModelService> {
	const calls: ServedCall[] = [];
	let queue = answers;
	const server = createServer((request, response) => {
		void serve(request, response);
	});

	async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const text = Buffer.concat(chunks).toString('utf8');
		const call: ServedCall = {
			path: request.url ?? '',
			headers: request.headers,
			body: (text === '' ? {} : JSON.parse(text)) as WireRequest,
			at: performance.now(),
			brokenOff: false,
		};
		calls.push(call);
		response.once('close', () => (call.brokenOff = !response.writableFinished));
		const next = queue.length > 1 ? queue.shift() : queue[0];
		await next?.(response, call, request);
	}

	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}/v1`,
		calls,
		answer: (...coming) => {
			queue = coming;
		},
		close: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}
