/**
 * A local stand-in for a model service. It speaks the protocols of OpenAI, Anthropic and Ollama and
 * invents nothing: its answers are made of the prompt and say whose they are.
 *
 * `POST /v1/chat/completions`, `POST /v1/responses`, `POST /v1/messages` (Anthropic) and
 * `POST /api/chat` (Ollama), whole or streamed, with tools and JSON; `POST /v1/embeddings`,
 * `GET /v1/models`. For tests in another process: `GET /control/calls`, `DELETE /control/calls`,
 * `POST /control/script` with a list of rules.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from './answers.ts';
import { chatRequestOfMessages, messageBodyOf, streamMessage } from './anthropic.ts';
import type { MessagesRequest } from './anthropic.ts';
import type { Call } from './callLog.ts';
import { bodyOf, completionOf, streamCompletion } from './completion.ts';
import type { Completion } from './completion.ts';
import { embeddingsBody } from './embeddings.ts';
import { badRequest, faultAnswer, missingKey, unknownModel, unknownUrl } from './errors.ts';
import type { ErrorAnswer } from './errors.ts';
import { chatRequestOfOllama, sendOllama } from './ollama.ts';
import type { OllamaRequest } from './ollama.ts';
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
	const isChat = path !== '/v1/responses' && path !== '/v1/embeddings';
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

interface Protocol {
	/** The question as a chat completion. */
	request(body: unknown): ChatRequest;
	/** Sends the answer, streamed when the question asked for it. */
	send(response: ServerResponse, completion: Completion, request: ChatRequest): void;
}

/** How each way to ask a model is read and answered. */
const protocols: Record<string, Protocol> = {
	'/v1/chat/completions': {
		request: (body) => body as ChatRequest,
		send: (response, completion, request) => {
			if (!request.stream) return send(response, 200, bodyOf(completion));
			const includeUsage = request.stream_options?.include_usage ?? false;
			return streamCompletion(response, completion, { includeUsage, cutOff: false });
		},
	},
	'/v1/responses': {
		request: (body) => chatRequestOf(body as ResponsesRequest),
		send: (response, completion, { stream }) =>
			stream
				? streamResponse(response, completion)
				: send(response, 200, responseBodyOf(completion)),
	},
	'/v1/messages': {
		request: (body) => chatRequestOfMessages(body as MessagesRequest),
		send: (response, completion, { stream }) =>
			stream ? streamMessage(response, completion) : send(response, 200, messageBodyOf(completion)),
	},
	'/api/chat': {
		request: (body) => chatRequestOfOllama(body as OllamaRequest),
		send: (response, completion, { stream }) =>
			sendOllama(response, completion, { stream: stream !== false }),
	},
};

/** Starts the stand-in on loopback. */
export async function startModel(options: ModelOptions = {}): Promise<ModelServer> {
	const { latencyMs = 0, models = ['stand-in'], apiKey } = options;
	const calls: Call[] = [];
	const rules = script();

	/** Ollama asks for no key; Anthropic takes it in a header of its own. */
	const isAllowed = ({ headers, url }: IncomingMessage): boolean => {
		if (url === '/api/chat') return true;
		const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
		const key = bearer ?? headers['x-api-key'];
		return key !== undefined && (apiKey === undefined || key === apiKey);
	};

	function noteCall(path: string, body: Record<string, unknown>): Call {
		const messages = protocols[path]?.request(body).messages ?? [];
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

	function answerWith(
		protocol: Protocol,
		response: ServerResponse,
		body: unknown,
		call: Call,
		rule?: Rule,
	): void {
		const request = protocol.request(body);
		const completion = completionOf(request, rule?.reply ?? answer(request));
		call.totalTokens = completion.usage.total_tokens;
		if (!rule?.cutOff) return protocol.send(response, completion, request);
		if (!request.stream || protocol !== protocols['/v1/chat/completions']) {
			response.destroy();
			return undefined;
		}
		return streamCompletion(response, completion, { includeUsage: false, cutOff: true });
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
		return answerWith(protocols[path]!, response, body, call, rule);
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
			case 'POST /v1/embeddings':
				return complete(pathname, text, response);
		}
		if (request.method === 'POST' && pathname in protocols) {
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
