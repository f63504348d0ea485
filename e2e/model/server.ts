/**
 * A local stand-in for an OpenAI-compatible service. It speaks the protocol and invents nothing:
 * its answers are made of the prompt and say whose they are.
 *
 * `POST /v1/chat/completions` and `POST /v1/responses` (whole or streamed, tools, JSON),
 * `POST /v1/embeddings`, `GET /v1/models`. For tests in another process: `GET /control/calls`, `DELETE /control/calls`,
 * `POST /control/script` with a list of rules.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from './answers.ts';
import type { Call } from './callLog.ts';
import { bodyOf, completionOf, streamCompletion } from './completion.ts';
import { embeddingsBody } from './embeddings.ts';
import { badRequest, faultAnswer, missingKey, unknownModel, unknownUrl } from './errors.ts';
import type { ErrorAnswer } from './errors.ts';
import { textOf } from './protocol.ts';
import type { ChatRequest, EmbeddingsRequest, Message } from './protocol.ts';
import { chatRequestOf, responseBodyOf, streamResponse } from './responses.ts';
import type { ResponsesRequest } from './responses.ts';
import { script } from './script.ts';
import type { Rule } from './script.ts';

export interface ModelOptions {
	/** Default: any free port. */
	port?: number;
	/** Pause before each answer in milliseconds. Default 0. */
	latencyMs?: number;
	/** The models it claims to have. Default `['stand-in']`. */
	models?: string[];
	/** Only this key is accepted. Default: any key. */
	apiKey?: string;
}

export interface ModelServer {
	/** What a client takes as base URL: `http://127.0.0.1:<port>/v1`. */
	readonly url: string;
	/** Every call since the start or the last `forget()`. */
	readonly calls: Call[];
	/** Adds rules for coming requests. */
	script(...rules: Rule[]): void;
	/** Empties the call log and the script. */
	forget(): void;
	close(): Promise<void>;
}

function send(response: ServerResponse, status: number, body: unknown, headers = {}): void {
	response.writeHead(status, { 'content-type': 'application/json', ...headers });
	response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

const sendError = (response: ServerResponse, { status, body, headers }: ErrorAnswer): void =>
	send(response, status, body, headers);

async function bodyText(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks).toString('utf8');
}

const parsed = (text: string): Record<string, unknown> | undefined => {
	try {
		return JSON.parse(text) as Record<string, unknown>;
	} catch {
		return undefined;
	}
};

function problemWith(
	path: string,
	body: Record<string, unknown> | undefined,
): ErrorAnswer | undefined {
	if (!body) return badRequest('We could not parse the JSON body of your request.');
	if (typeof body.model !== 'string') return badRequest('you must provide a model parameter');
	const isChat = path === '/v1/chat/completions';
	if (isChat && !(Array.isArray(body.messages) && body.messages.length > 0)) {
		return badRequest("Missing required parameter: 'messages'.", 'messages');
	}
	if (!isChat && body.input === undefined) {
		return badRequest("Missing required parameter: 'input'.", 'input');
	}
	return undefined;
}

const textOfRoles = (messages: Message[], ...roles: string[]): string =>
	messages
		.filter(({ role }) => roles.includes(role))
		.map(textOf)
		.join('\n');

/** What was said to the model, whichever way it was sent. */
function messagesOf(path: string, body: Record<string, unknown>): Message[] {
	if (path === '/v1/responses') return chatRequestOf(body as unknown as ResponsesRequest).messages;
	return (body.messages ?? []) as Message[];
}

/** Starts the stand-in on loopback. */
export async function startModel(options: ModelOptions = {}): Promise<ModelServer> {
	const { latencyMs = 0, models = ['stand-in'], apiKey } = options;
	const calls: Call[] = [];
	const rules = script();

	const isAllowed = ({ headers }: IncomingMessage): boolean => {
		const key = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
		return key !== undefined && (apiKey === undefined || key === apiKey);
	};

	function noteCall(path: string, body: Record<string, unknown>): Call {
		const messages = messagesOf(path, body);
		const call: Call = {
			n: calls.length + 1,
			path,
			model: String(body.model),
			instructions: textOfRoles(messages, 'system', 'developer'),
			prompt: messages.length > 0 ? textOfRoles(messages, 'user', 'tool') : String(body.input),
			startedAt: Date.now(),
		};
		calls.push(call);
		return call;
	}

	function chat(response: ServerResponse, request: ChatRequest, call: Call, rule?: Rule): void {
		const completion = completionOf(request, rule?.reply ?? answer(request));
		call.totalTokens = completion.usage.total_tokens;
		const cutOff = rule?.cutOff ?? false;
		if (request.stream) {
			const includeUsage = request.stream_options?.include_usage ?? false;
			streamCompletion(response, completion, { includeUsage, cutOff });
		} else if (cutOff) {
			response.destroy();
		} else {
			send(response, 200, bodyOf(completion));
		}
	}

	function respond(
		response: ServerResponse,
		request: ResponsesRequest,
		call: Call,
		rule?: Rule,
	): void {
		const chatRequest = chatRequestOf(request);
		const completion = completionOf(chatRequest, rule?.reply ?? answer(chatRequest));
		call.totalTokens = completion.usage.total_tokens;
		if (rule?.cutOff) response.destroy();
		else if (request.stream) streamResponse(response, completion);
		else send(response, 200, responseBodyOf(completion));
	}

	async function complete(path: string, text: string, response: ServerResponse): Promise<void> {
		const body = parsed(text);
		const problem = problemWith(path, body);
		if (problem || !body) return sendError(response, problem ?? badRequest('Empty body.'));
		const call = noteCall(path, body);
		response.once('close', () => {
			call.endedAt = Date.now();
			call.status = response.statusCode;
		});
		const rule = rules.next(`${call.instructions}\n${call.prompt}`);
		await sleep(rule?.delayMs ?? latencyMs);
		if (response.destroyed) return undefined;
		if (rule?.status) return sendError(response, faultAnswer(rule.status, rule.retryAfterS));
		if (rule?.rawBody !== undefined) return send(response, 200, rule.rawBody);
		if (!models.includes(call.model)) return sendError(response, unknownModel(call.model));
		if (path === '/v1/embeddings') {
			return send(response, 200, embeddingsBody(body as unknown as EmbeddingsRequest));
		}
		if (path === '/v1/responses') {
			return respond(response, body as unknown as ResponsesRequest, call, rule);
		}
		return chat(response, body as unknown as ChatRequest, call, rule);
	}

	const modelList = () => ({
		object: 'list',
		data: models.map((id) => ({ id, object: 'model', created: 0, owned_by: 'stand-in' })),
	});

	function forget(): void {
		calls.length = 0;
		rules.clear();
	}

	async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { pathname } = new URL(request.url ?? '/', 'http://localhost');
		const text = await bodyText(request);
		switch (`${request.method} ${pathname}`) {
			case 'GET /control/calls':
				return send(response, 200, calls);
			case 'DELETE /control/calls':
				forget();
				return send(response, 200, {});
			case 'POST /control/script':
				rules.add(...(JSON.parse(text) as Rule[]));
				return send(response, 200, {});
		}
		if (!isAllowed(request)) return sendError(response, missingKey());
		switch (`${request.method} ${pathname}`) {
			case 'GET /v1/models':
				return send(response, 200, modelList());
			case 'POST /v1/chat/completions':
			case 'POST /v1/responses':
			case 'POST /v1/embeddings':
				return complete(pathname, text, response);
		}
		return sendError(response, unknownUrl(request.method ?? 'GET', pathname));
	}

	const server = createServer((request, response) => {
		handle(request, response).catch((error: unknown) => {
			if (!response.headersSent) sendError(response, badRequest(String(error)));
		});
	});
	server.listen(options.port ?? 0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;

	return {
		url: `http://127.0.0.1:${port}/v1`,
		calls,
		script: (...added) => rules.add(...added),
		forget,
		close: async () => {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}
