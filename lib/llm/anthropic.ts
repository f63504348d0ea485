import {
	type EngineError,
	type HttpRequest,
	type HttpResponse,
	isJsonObject,
	type Json,
	type JsonObject,
	parseJson,
} from '../core';
import { endpointKey, parseRetryAfter } from '../resilience';
import { anthropicStream } from './anthropicStream';
import type {
	ChatMessage,
	ChatModel,
	ChatRequest,
	ChatResponse,
	FinishReason,
	ToolCall,
} from './chatModel';
import {
	badAnswer,
	type CallTarget,
	describeBody,
	embeddedError,
	hostOf,
	statusError,
	tryParse,
} from './modelErrors';
import { MAX_ANSWER_BYTES, type OpenAiOptions } from './openAi';
import { usageOf } from './tokens';

/** The version of the API that is spoken here. */
export const ANTHROPIC_VERSION = '2023-06-01';

/** The API wants a length for every answer; this much is usual. */
const DEFAULT_MAX_TOKENS = 4096;

/** A chat model behind Anthropic's own API. One `chat` is one request; retries are the caller's. */
export function anthropicChatModel(options: OpenAiOptions): ChatModel {
	const target: CallTarget = { model: options.model, host: hostOf(options.baseUrl) };
	return {
		name: options.model,
		key: endpointKey(target.host, options.account, options.model),
		chat: async (request) =>
			readMessage(
				request.onText === undefined
					? await askAtOnce(options, request, target)
					: await askStreaming(options, request, target),
				request,
				target,
			),
	};
}

async function askAtOnce(
	options: OpenAiOptions,
	request: ChatRequest,
	target: CallTarget,
): Promise<Json> {
	const response = await options.http.request(httpRequest(options, request));
	request.onActivity?.();
	if (!isSuccess(response.status)) throw failure(response, options, target);
	const body = tryParse(response.text);
	if (body === undefined) throw badAnswer(describeBody(response.text), response.text, target);
	return body;
}

async function askStreaming(
	options: OpenAiOptions,
	request: ChatRequest,
	target: CallTarget,
): Promise<Json> {
	const response = await options.http.stream(httpRequest(options, request));
	if (isSuccess(response.status)) return await anthropicStream(response.chunks, request, target);
	let text = '';
	for await (const chunk of response.chunks) text += chunk;
	throw failure({ ...response, text }, options, target);
}

function isSuccess(status: number): boolean {
	return status >= 200 && status <= 299;
}

function failure(
	response: HttpResponse,
	{ runtime }: OpenAiOptions,
	target: CallTarget,
): EngineError {
	const waitMs = parseRetryAfter(response.headers['retry-after'], runtime.now());
	return statusError(response, target, waitMs);
}

function httpRequest(options: OpenAiOptions, request: ChatRequest): HttpRequest {
	return {
		method: 'POST',
		url: `${options.baseUrl.replace(/\/+$/, '')}/messages`,
		headers: {
			'content-type': 'application/json',
			accept: 'application/json',
			'anthropic-version': ANTHROPIC_VERSION,
		},
		body: requestBody(options.model, request),
		maxBytes: MAX_ANSWER_BYTES,
		...(request.signal === undefined ? {} : { signal: request.signal }),
	};
}

function requestBody(model: string, request: ChatRequest): JsonObject {
	const { messages, tools = [], temperature, maxOutputTokens, onText } = request;
	const system = messages.filter(({ role }) => role === 'system');
	return {
		model,
		max_tokens: maxOutputTokens ?? DEFAULT_MAX_TOKENS,
		messages: turnsOf(messages),
		...(system.length === 0 ? {} : { system: system.map(({ content }) => content).join('\n\n') }),
		...(temperature === undefined ? {} : { temperature }),
		...(onText === undefined ? {} : { stream: true }),
		...(tools.length === 0
			? {}
			: {
					tools: tools.map(({ name, description, parameters }) => ({
						name,
						description,
						input_schema: parameters,
					})),
				}),
	};
}

/** The API wants turns to alternate: what one side says in several messages is one turn. */
function turnsOf(messages: readonly ChatMessage[]): JsonObject[] {
	const turns: Array<{ role: string; content: Json[] }> = [];
	for (const message of messages) {
		if (message.role === 'system') continue;
		const role = message.role === 'assistant' ? 'assistant' : 'user';
		const last = turns.at(-1);
		if (last?.role === role) last.content.push(...blocksOf(message));
		else turns.push({ role, content: blocksOf(message) });
	}
	return turns.filter(({ content }) => content.length > 0);
}

function blocksOf(message: ChatMessage): Json[] {
	if (message.role === 'tool') {
		return [{ type: 'tool_result', tool_use_id: message.toolCallId, content: message.content }];
	}
	// Empty texts are refused.
	const text = message.content === '' ? [] : [{ type: 'text', text: message.content }];
	const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
	return [
		...text,
		...calls.map(({ id, name, argumentsJson }) => ({
			type: 'tool_use',
			id,
			name,
			input: inputOf(argumentsJson),
		})),
	];
}

/** What a model wrote as arguments; the API takes nothing but an object. */
function inputOf(argumentsJson: string): JsonObject {
	let input: Json;
	try {
		input = parseJson(argumentsJson);
	} catch {
		return {};
	}
	return isJsonObject(input) ? input : {};
}

function readMessage(body: Json, request: ChatRequest, target: CallTarget): ChatResponse {
	const error = embeddedError(body, target);
	if (error !== undefined) throw error;
	if (!isJsonObject(body) || !Array.isArray(body.content)) {
		throw badAnswer('without content', JSON.stringify(body), target);
	}
	const blocks = body.content.filter(isJsonObject);
	const text = blocks.map((block) => (typeof block.text === 'string' ? block.text : '')).join('');
	const toolCalls = blocks.flatMap(callOf);
	const usage = isJsonObject(body.usage) ? body.usage : {};
	return {
		text,
		toolCalls,
		finishReason: finishReason(body.stop_reason, toolCalls),
		usage: usageOf(
			{ inputTokens: usage.input_tokens, outputTokens: usage.output_tokens },
			request,
			{ text, toolCalls },
		),
		model: typeof body.model === 'string' && body.model !== '' ? body.model : target.model,
	};
}

function callOf(block: JsonObject): ToolCall[] {
	const { type, id, name, input } = block;
	if (type !== 'tool_use' || typeof id !== 'string' || typeof name !== 'string') return [];
	return [
		{ id, name, argumentsJson: typeof input === 'string' ? input : JSON.stringify(input ?? {}) },
	];
}

function finishReason(said: Json | undefined, toolCalls: readonly ToolCall[]): FinishReason {
	if (said === 'max_tokens') return 'length';
	if (said === 'refusal') return 'refusal';
	return toolCalls.length > 0 ? 'tool_calls' : 'stop';
}
