import {
	type HttpClient,
	type HttpRequest,
	isEngineError,
	isJsonObject,
	type Json,
	type JsonObject,
	type Runtime,
} from '../core';
import { endpointKey, parseRetryAfter } from '../resilience';
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
import { openAiStream } from './openAiStream';
import { usageOf } from './tokens';

/** Largest answer to accept from a model, in bytes. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** A model behind an endpoint that speaks OpenAI's chat completions. */
export interface OpenAiOptions {
	/** Sends the requests; adds the credential. */
	http: HttpClient;
	/** Wall clock, for `Retry-After` dates. */
	runtime: Pick<Runtime, 'now'>;
	/** Address of the API up to and with its version, e.g. `https://api.openai.com/v1`. */
	baseUrl: string;
	/** Name of the model at the service. */
	model: string;
	/** Tells endpoints of different accounts apart, e.g. the credential's id. Never a secret. */
	account?: string;
}

/**
 * A chat model of OpenAI, OpenRouter, Ollama, vLLM, LM Studio or anything else that speaks OpenAI's
 * chat completions. One `chat` is one request; retries are the caller's.
 */
export function openAiChatModel(options: OpenAiOptions): ChatModel {
	const target: CallTarget = { model: options.model, host: hostOf(options.baseUrl) };
	let formatRefused = false;
	const ask = async (request: ChatRequest): Promise<ChatResponse> =>
		request.onText === undefined
			? await chatAtOnce(options, request, target)
			: await chatStreaming(options, request, target);
	return {
		name: options.model,
		key: endpointKey(target.host, options.account, options.model),
		chat: async (request) => {
			if (request.responseFormat === undefined || formatRefused) {
				return await ask(withoutFormat(request));
			}
			return await ask(request).catch(async (error: Error) => {
				if (!refusesFormat(error)) return await Promise.reject(error);
				formatRefused = true;
				return await ask(withoutFormat(request));
			});
		},
	};
}

/** Not every service knows every form of answers; the instructions name it anyway. */
function refusesFormat(error: Error): boolean {
	return (
		isEngineError(error) &&
		error.code === 'MODEL_REJECTED' &&
		/response_format|json_schema|json_object/i.test(error.message)
	);
}

function withoutFormat(request: ChatRequest): ChatRequest {
	const plain = { ...request };
	delete plain.responseFormat;
	return plain;
}

async function chatAtOnce(
	options: OpenAiOptions,
	request: ChatRequest,
	target: CallTarget,
): Promise<ChatResponse> {
	const response = await options.http.request(httpRequest(options, request));
	request.onActivity?.();
	if (response.status < 200 || response.status > 299) {
		throw statusError(response, target, retryAfter(options, response.headers));
	}
	const body = tryParse(response.text);
	if (body === undefined) throw badAnswer(describeBody(response.text), response.text, target);
	return readCompletion(body, request, target);
}

async function chatStreaming(
	options: OpenAiOptions,
	request: ChatRequest,
	target: CallTarget,
): Promise<ChatResponse> {
	const response = await options.http.stream(httpRequest(options, request));
	if (response.status < 200 || response.status > 299) {
		let text = '';
		for await (const chunk of response.chunks) text += chunk;
		throw statusError({ ...response, text }, target, retryAfter(options, response.headers));
	}
	const body = await openAiStream(response.chunks, request, target);
	return readCompletion(body, request, target);
}

function retryAfter(
	options: OpenAiOptions,
	headers: Readonly<Record<string, string>>,
): number | undefined {
	return parseRetryAfter(headers['retry-after'], options.runtime.now());
}

function httpRequest(options: OpenAiOptions, request: ChatRequest): HttpRequest {
	return {
		method: 'POST',
		url: `${options.baseUrl.replace(/\/+$/, '')}/chat/completions`,
		headers: { 'content-type': 'application/json', accept: 'application/json' },
		body: requestBody(options.model, request),
		maxBytes: MAX_ANSWER_BYTES,
		...(request.signal === undefined ? {} : { signal: request.signal }),
	};
}

function requestBody(model: string, request: ChatRequest): JsonObject {
	const body: JsonObject = { model, messages: request.messages.map(wireMessage) };
	if (request.tools !== undefined && request.tools.length > 0) {
		body.tools = request.tools.map(({ name, description, parameters }) => ({
			type: 'function',
			function: { name, description, parameters },
		}));
	}
	if (request.temperature !== undefined) body.temperature = request.temperature;
	if (request.maxOutputTokens !== undefined) body.max_tokens = request.maxOutputTokens;
	const format = wireFormat(request);
	if (format !== undefined) body.response_format = format;
	if (request.onText !== undefined) {
		body.stream = true;
		body.stream_options = { include_usage: true };
	}
	return body;
}

function wireFormat({ responseFormat }: ChatRequest): JsonObject | undefined {
	switch (responseFormat?.type) {
		case 'json':
			return { type: 'json_object' };
		case 'json_schema': {
			const { name, schema } = responseFormat;
			return { type: 'json_schema', json_schema: { name, schema } };
		}
		default:
			return undefined;
	}
}

function wireMessage(message: ChatMessage): JsonObject {
	switch (message.role) {
		case 'tool':
			return { role: 'tool', tool_call_id: message.toolCallId, content: message.content };
		case 'assistant':
			return message.toolCalls === undefined || message.toolCalls.length === 0
				? { role: 'assistant', content: message.content }
				: {
						role: 'assistant',
						content: message.content,
						tool_calls: message.toolCalls.map(({ id, name, argumentsJson }) => ({
							id,
							type: 'function',
							function: { name, arguments: argumentsJson },
						})),
					};
		default:
			return { role: message.role, content: message.content };
	}
}

/** Reads a whole answer of the chat completions API. */
function readCompletion(body: Json, request: ChatRequest, target: CallTarget): ChatResponse {
	const failure = embeddedError(body, target);
	if (failure !== undefined) throw failure;
	const choice = isJsonObject(body) && Array.isArray(body.choices) ? body.choices[0] : undefined;
	const message = isJsonObject(choice) ? choice.message : undefined;
	if (!isJsonObject(body) || !isJsonObject(choice) || !isJsonObject(message)) {
		throw badAnswer('without a choice', JSON.stringify(body), target);
	}
	const toolCalls = readToolCalls(message.tool_calls);
	const refusal = typeof message.refusal === 'string' ? message.refusal : '';
	const text = readContent(message.content) || refusal;
	const usage = isJsonObject(body.usage) ? body.usage : {};
	return {
		text,
		toolCalls,
		finishReason: finishReason(choice.finish_reason, toolCalls, refusal),
		usage: usageOf(
			{ inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens },
			request,
			{ text, toolCalls },
		),
		model: typeof body.model === 'string' && body.model !== '' ? body.model : target.model,
	};
}

function readContent(content: Json | undefined): string {
	if (typeof content === 'string') return content;
	if (!Array.isArray(content)) return '';
	return content
		.map((part) => (isJsonObject(part) && typeof part.text === 'string' ? part.text : ''))
		.join('');
}

function readToolCalls(calls: Json | undefined): ToolCall[] {
	if (!Array.isArray(calls)) return [];
	return calls.flatMap((call, index) => {
		const wanted = isJsonObject(call) ? call.function : undefined;
		if (!isJsonObject(call) || !isJsonObject(wanted) || typeof wanted.name !== 'string') return [];
		const id = typeof call.id === 'string' && call.id !== '' ? call.id : `call_${index}`;
		return [{ id, name: wanted.name, argumentsJson: argumentsText(wanted.arguments) }];
	});
}

/** Some servers send the arguments as an object instead of as text. */
function argumentsText(value: Json | undefined): string {
	return typeof value === 'string' ? value : JSON.stringify(value ?? {});
}

function finishReason(
	said: Json | undefined,
	toolCalls: readonly ToolCall[],
	refusal: string,
): FinishReason {
	if (said === 'length' || said === 'content_filter') return said;
	if (refusal !== '') return 'refusal';
	return toolCalls.length > 0 ? 'tool_calls' : 'stop';
}
