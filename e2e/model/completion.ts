/** Chat completions in both forms: one body, or a stream of chunks. */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { textOf } from './protocol.ts';
import type { ChatRequest, Reply, ToolCall } from './protocol.ts';

export interface Usage {
	prompt_tokens: number;
	completion_tokens: number;
	total_tokens: number;
}

export interface Completion {
	id: string;
	created: number;
	model: string;
	content: string | null;
	toolCalls: ToolCall[];
	finishReason: 'stop' | 'tool_calls' | 'length';
	usage: Usage;
}

/** The usual rule of thumb: four characters a token. */
export const tokensOf = (text: string): number => Math.ceil(text.length / 4);

const shortId = (): string => randomUUID().replaceAll('-', '').slice(0, 24);

/** Turns what is said into a completion with ids, usage and the reason for its end. */
export function completionOf(request: ChatRequest, reply: Reply): Completion {
	const toolCalls = (reply.toolCalls ?? []).map(
		({ name, arguments: input }): ToolCall => ({
			id: `call_${shortId()}`,
			type: 'function',
			function: { name, arguments: JSON.stringify(input) },
		}),
	);
	const limit = request.max_completion_tokens ?? request.max_tokens ?? Infinity;
	const full = reply.content ?? '';
	const isCut = tokensOf(full) > limit;
	const content = isCut ? full.slice(0, limit * 4) : full;
	const prompt_tokens = request.messages.reduce(
		(sum, message) => sum + tokensOf(textOf(message)) + 4,
		0,
	);
	const completion_tokens = tokensOf(
		content + toolCalls.map((call) => call.function.arguments).join(''),
	);
	return {
		id: `chatcmpl-${shortId()}`,
		created: Math.floor(Date.now() / 1000),
		model: request.model,
		content: toolCalls.length > 0 && !content ? null : content,
		toolCalls,
		finishReason: toolCalls.length > 0 ? 'tool_calls' : isCut ? 'length' : 'stop',
		usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
	};
}

/** The body of a completion that is sent at once. */
export const bodyOf = ({
	id,
	created,
	model,
	content,
	toolCalls,
	finishReason,
	usage,
}: Completion) => ({
	id,
	object: 'chat.completion',
	created,
	model,
	choices: [
		{
			index: 0,
			message: {
				role: 'assistant',
				content,
				refusal: null,
				...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
			},
			logprobs: null,
			finish_reason: finishReason,
		},
	],
	usage,
});

/** The deltas of a stream: the role, then word by word, or each tool call in two parts. */
function* deltasOf({ content, toolCalls }: Completion): Generator<Record<string, unknown>> {
	yield { role: 'assistant', content: content === null ? null : '' };
	for (const word of content?.match(/\S+\s*|\s+/g) ?? []) yield { content: word };
	for (const [index, { id, type, function: call }] of toolCalls.entries()) {
		yield { tool_calls: [{ index, id, type, function: { name: call.name, arguments: '' } }] };
		yield { tool_calls: [{ index, function: { arguments: call.arguments } }] };
	}
}

/**
 * Sends a completion as server-sent events, as the real service does: a last chunk with the
 * usage only when `stream_options.include_usage` asks for it.
 */
export function streamCompletion(
	response: ServerResponse,
	completion: Completion,
	{ includeUsage, cutOff }: { includeUsage: boolean; cutOff: boolean },
): void {
	const { id, created, model, finishReason, usage } = completion;
	const chunk = (choices: unknown[], more: Record<string, unknown> = {}) =>
		`data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created, model, choices, ...more })}\n\n`;
	response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
	for (const delta of deltasOf(completion)) {
		response.write(chunk([{ index: 0, delta, logprobs: null, finish_reason: null }]));
		if (cutOff && delta.content) {
			response.destroy();
			return;
		}
	}
	response.write(chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: finishReason }]));
	if (includeUsage) response.write(chunk([], { usage }));
	response.end('data: [DONE]\n\n');
}
