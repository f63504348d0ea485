/** Anthropic's Messages API, translated to and from chat completions. */
import type { ServerResponse } from 'node:http';
import type { Completion } from './completion.ts';
import type { ChatRequest, JsonSchema, Message, Tool } from './protocol.ts';

interface Block {
	type: string;
	text?: string;
	id?: string;
	name?: string;
	input?: unknown;
	tool_use_id?: string;
	content?: string | Array<{ type: string; text?: string }>;
}

export interface MessagesRequest {
	model: string;
	max_tokens: number;
	system?: string | Array<{ type: string; text: string }>;
	messages: Array<{ role: 'user' | 'assistant'; content: string | Block[] }>;
	tools?: Array<{ name: string; description?: string; input_schema: JsonSchema }>;
	stream?: boolean;
}

/** One message of theirs may hold several of ours: each tool result is one. */
function messagesOf({ role, content }: MessagesRequest['messages'][number]): Message[] {
	if (typeof content === 'string') return [{ role, content }];
	const results = content
		.filter(({ type }) => type === 'tool_result')
		.map(
			(block): Message => ({
				role: 'tool',
				tool_call_id: block.tool_use_id,
				content: block.content,
			}),
		);
	const toolCalls = content
		.filter(({ type }) => type === 'tool_use')
		.map(({ id = '', name = '', input }) => ({
			id,
			type: 'function' as const,
			function: { name, arguments: JSON.stringify(input ?? {}) },
		}));
	const text = content
		.filter(({ type }) => type === 'text')
		.map((block) => block.text ?? '')
		.join('\n');
	if (text === '' && toolCalls.length === 0) return results;
	const said: Message = { role, content: text };
	if (toolCalls.length > 0) said.tool_calls = toolCalls;
	return [...results, said];
}

function systemOf({ system }: MessagesRequest): Message[] {
	if (system === undefined) return [];
	const content = typeof system === 'string' ? system : system.map(({ text }) => text).join('\n');
	return [{ role: 'system', content }];
}

/** The same question, asked as a chat completion. */
export function chatRequestOfMessages(request: MessagesRequest): ChatRequest {
	return {
		model: request.model,
		messages: [...systemOf(request), ...request.messages.flatMap(messagesOf)],
		max_tokens: request.max_tokens,
		stream: request.stream,
		tools: request.tools?.map(
			({ name, description, input_schema: parameters }): Tool => ({
				type: 'function',
				function: { name, description, parameters },
			}),
		),
	};
}

const STOP_REASONS = { stop: 'end_turn', tool_calls: 'tool_use', length: 'max_tokens' } as const;

function blocksOf({ content, toolCalls }: Completion): Block[] {
	return [
		...(content ? [{ type: 'text', text: content }] : []),
		...toolCalls.map(({ id, function: call }) => ({
			type: 'tool_use',
			id,
			name: call.name,
			input: JSON.parse(call.arguments) as unknown,
		})),
	];
}

/** The same completion, in the form of the Messages API. */
export const messageBodyOf = (completion: Completion) => ({
	id: `msg_${completion.id}`,
	type: 'message',
	role: 'assistant',
	model: completion.model,
	content: blocksOf(completion),
	stop_reason: STOP_REASONS[completion.finishReason],
	stop_sequence: null,
	usage: {
		input_tokens: completion.usage.prompt_tokens,
		output_tokens: completion.usage.completion_tokens,
	},
});

/** The stream of the Messages API: named events, each block begun, filled and ended. */
export function streamMessage(response: ServerResponse, completion: Completion): void {
	const { content, stop_reason, usage, ...head } = messageBodyOf(completion);
	const send = (type: string, data: Record<string, unknown> = {}): void => {
		response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
	};
	response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
	send('message_start', {
		message: { ...head, content: [], stop_reason: null, usage: { ...usage, output_tokens: 0 } },
	});
	for (const [index, block] of content.entries()) {
		const isText = block.type === 'text';
		const begun = isText ? { ...block, text: '' } : { ...block, input: {} };
		send('content_block_start', { index, content_block: begun });
		const delta = isText
			? { type: 'text_delta', text: block.text }
			: { type: 'input_json_delta', partial_json: JSON.stringify(block.input) };
		send('content_block_delta', { index, delta });
		send('content_block_stop', { index });
	}
	send('message_delta', {
		delta: { stop_reason, stop_sequence: null },
		usage: { output_tokens: usage.output_tokens },
	});
	send('message_stop');
	response.end();
}
