import { isJsonObject, type Json, type JsonObject } from '../core';
import type { ChatRequest } from './chatModel';
import { badAnswer, type CallTarget, embeddedError, tryParse } from './modelErrors';
import { serverSentEvents } from './sse';

/** A block of an answer that is still arriving. */
interface Block {
	type: Json;
	id: Json;
	name: Json;
	text: string;
	/** Tool arguments, as JSON text. */
	input: string;
}

/**
 * Gathers a streamed answer of Anthropic's API into the body that the same call without streaming
 * would give, passing each piece of text on as it arrives.
 *
 * @throws {EngineError} class `bad_output` when the stream ends before the answer does
 */
export async function anthropicStream(
	chunks: AsyncIterable<string>,
	request: Pick<ChatRequest, 'onText' | 'onActivity'>,
	target: CallTarget,
): Promise<JsonObject> {
	const blocks: Block[] = [];
	const body: JsonObject = { model: null, stop_reason: null, usage: {} };
	for await (const data of serverSentEvents(chunks)) {
		request.onActivity?.();
		const event = tryParse(data);
		if (!isJsonObject(event)) throw badAnswer('with a broken stream', data, target);
		const failure = embeddedError(event, target);
		if (failure !== undefined) throw failure;
		take(event, body, blocks, request);
		if (event.type === 'message_stop') return { ...body, content: blocks.map(wholeBlock) };
	}
	throw badAnswer('with a stream that broke off', blocks.map(({ text }) => text).join(''), target);
}

function take(
	event: JsonObject,
	body: JsonObject,
	blocks: Block[],
	{ onText }: Pick<ChatRequest, 'onText'>,
): void {
	const { type, message, content_block: started, delta, usage } = event;
	if (isJsonObject(message)) {
		body.model = message.model ?? null;
		addUsage(body, message.usage);
	}
	if (type === 'content_block_start' && isJsonObject(started)) {
		const text = typeof started.text === 'string' ? started.text : '';
		const { type: kind = null, id = null, name = null } = started;
		blocks.push({ type: kind, id, name, text, input: '' });
		if (text !== '') onText?.(text);
	}
	addUsage(body, usage);
	if (!isJsonObject(delta)) return;
	if (typeof delta.stop_reason === 'string') body.stop_reason = delta.stop_reason;
	const block = blocks.at(-1);
	if (block === undefined) return;
	if (typeof delta.partial_json === 'string') block.input += delta.partial_json;
	if (typeof delta.text === 'string') {
		block.text += delta.text;
		onText?.(delta.text);
	}
}

/** The first event counts the input, the last one the output. */
function addUsage(body: JsonObject, usage: Json | undefined): void {
	if (isJsonObject(usage)) body.usage = { ...(body.usage as JsonObject), ...usage };
}

function wholeBlock({ type, id, name, text, input }: Block): JsonObject {
	return type === 'tool_use'
		? { type, id, name, input: input === '' ? {} : input }
		: { type, text };
}
