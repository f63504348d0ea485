import { isJsonObject, type Json, type JsonObject } from '../core';
import type { ChatRequest } from './chatModel';
import { badAnswer, type CallTarget, embeddedError, tryParse } from './modelErrors';
import { serverSentEvents } from './sse';

/** What has arrived of a streamed answer. */
interface Gathered {
	content: string;
	refusal: string;
	toolCalls: Map<number, { id: string; name: string; arguments: string }>;
	finishReason: Json;
	usage: Json;
	model: Json;
	/** Whether anything of a choice arrived at all. */
	started: boolean;
}

/**
 * Gathers a streamed answer of the chat completions API into the body that the same call without
 * streaming would give, passing each piece of text on as it arrives.
 *
 * @throws {EngineError} class `bad_output` when the stream ends before the answer does
 */
export async function openAiStream(
	chunks: AsyncIterable<string>,
	request: Pick<ChatRequest, 'onText' | 'onActivity'>,
	target: CallTarget,
): Promise<JsonObject> {
	const gathered: Gathered = {
		content: '',
		refusal: '',
		toolCalls: new Map(),
		finishReason: null,
		usage: null,
		model: null,
		started: false,
	};
	let raw = '';
	for await (const data of serverSentEvents(tap(chunks, (text) => (raw += text)))) {
		request.onActivity?.();
		if (data === '[DONE]') break;
		const event = tryParse(data);
		if (event === undefined) throw badAnswer('with a broken stream', data, target);
		const failure = embeddedError(event, target);
		if (failure !== undefined) throw failure;
		addEvent(gathered, event, request);
	}
	// A server that ignores `stream` answers with one plain body.
	if (!gathered.started) return plainBody(raw, request, target);
	if (gathered.finishReason === null) {
		throw badAnswer('with a stream that broke off', gathered.content, target);
	}
	return bodyOf(gathered);
}

/** Passes pieces through, showing the first of them to `see`: enough to recognise a plain body. */
async function* tap(
	chunks: AsyncIterable<string>,
	see: (text: string) => void,
): AsyncGenerator<string> {
	let plain: boolean | undefined;
	for await (const chunk of chunks) {
		plain ??= chunk.trim() === '' ? undefined : /^\s*[{<[]/.test(chunk);
		if (plain === true) see(chunk);
		else yield chunk;
	}
}

function plainBody(
	raw: string,
	request: Pick<ChatRequest, 'onText'>,
	target: CallTarget,
): JsonObject {
	const body = tryParse(raw);
	if (!isJsonObject(body)) throw badAnswer('with an empty or broken stream', raw, target);
	const choice = Array.isArray(body.choices) ? body.choices[0] : undefined;
	const message = isJsonObject(choice) ? choice.message : undefined;
	if (isJsonObject(message) && typeof message.content === 'string' && message.content !== '') {
		request.onText?.(message.content);
	}
	return body;
}

function addEvent(gathered: Gathered, event: Json, { onText }: Pick<ChatRequest, 'onText'>): void {
	if (!isJsonObject(event)) return;
	if (isJsonObject(event.usage)) gathered.usage = event.usage;
	if (typeof event.model === 'string') gathered.model = event.model;
	const choice = Array.isArray(event.choices) ? event.choices[0] : undefined;
	if (!isJsonObject(choice)) return;
	gathered.started = true;
	if (typeof choice.finish_reason === 'string') gathered.finishReason = choice.finish_reason;
	const delta = choice.delta;
	if (!isJsonObject(delta)) return;
	if (typeof delta.content === 'string' && delta.content !== '') {
		gathered.content += delta.content;
		onText?.(delta.content);
	}
	if (typeof delta.refusal === 'string') gathered.refusal += delta.refusal;
	if (Array.isArray(delta.tool_calls)) delta.tool_calls.forEach((call) => addCall(gathered, call));
}

function addCall(gathered: Gathered, piece: Json): void {
	if (!isJsonObject(piece)) return;
	const index = typeof piece.index === 'number' ? piece.index : gathered.toolCalls.size;
	const call = gathered.toolCalls.get(index) ?? { id: '', name: '', arguments: '' };
	if (typeof piece.id === 'string') call.id = piece.id;
	if (isJsonObject(piece.function)) {
		if (typeof piece.function.name === 'string') call.name += piece.function.name;
		if (typeof piece.function.arguments === 'string') call.arguments += piece.function.arguments;
	}
	gathered.toolCalls.set(index, call);
}

function bodyOf(gathered: Gathered): JsonObject {
	return {
		model: gathered.model,
		usage: gathered.usage,
		choices: [
			{
				finish_reason: gathered.finishReason,
				message: {
					content: gathered.content,
					refusal: gathered.refusal,
					tool_calls: [...gathered.toolCalls.values()].map((call) => ({
						id: call.id,
						function: { name: call.name, arguments: call.arguments },
					})),
				},
			},
		],
	};
}
