/** OpenAI's newer Responses API, translated to and from chat completions. */
import type { ServerResponse } from 'node:http';
import type { Completion } from './completion.ts';
import type { ChatRequest, JsonSchema, Message, ResponseFormat, Tool } from './protocol.ts';

interface InputItem {
	type?: string;
	role?: Message['role'];
	content?: string | Array<{ type: string; text?: string }>;
	call_id?: string;
	name?: string;
	arguments?: string;
	output?: string;
}

export interface ResponsesRequest {
	model: string;
	input: string | InputItem[];
	instructions?: string;
	stream?: boolean;
	tools?: Array<{ type: string; name: string; description?: string; parameters?: JsonSchema }>;
	tool_choice?: ChatRequest['tool_choice'];
	text?: { format?: { type: string; name?: string; schema?: JsonSchema } };
	max_output_tokens?: number;
}

function messageOf(item: InputItem): Message {
	if (item.type === 'function_call_output') {
		return { role: 'tool', tool_call_id: item.call_id, content: item.output ?? '' };
	}
	if (item.type === 'function_call') {
		const call = { name: item.name ?? '', arguments: item.arguments ?? '{}' };
		const toolCall = { id: item.call_id ?? '', type: 'function' as const, function: call };
		return { role: 'assistant', content: null, tool_calls: [toolCall] };
	}
	return { role: item.role ?? 'user', content: item.content };
}

function formatOf({ text }: ResponsesRequest): ResponseFormat | undefined {
	const format = text?.format;
	if (format?.type === 'json_object') return { type: 'json_object' };
	if (format?.type !== 'json_schema') return undefined;
	const { name = 'answer', schema = {} } = format;
	return { type: 'json_schema', json_schema: { name, schema } };
}

const toolOf = ({
	name,
	description,
	parameters,
}: NonNullable<ResponsesRequest['tools']>[number]): Tool => ({
	type: 'function',
	function: { name, description, parameters },
});

/** The same question, asked as a chat completion. */
export function chatRequestOf(request: ResponsesRequest): ChatRequest {
	const { input, instructions, tools } = request;
	const items: InputItem[] = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
	return {
		model: request.model,
		messages: [
			...(instructions ? [{ role: 'system' as const, content: instructions }] : []),
			...items.map(messageOf),
		],
		tools: tools?.filter(({ type }) => type === 'function').map(toolOf),
		tool_choice: request.tool_choice,
		response_format: formatOf(request),
		max_completion_tokens: request.max_output_tokens,
		stream: request.stream,
	};
}

/** The same completion, in the form of the Responses API. */
export function responseBodyOf({ id, created, model, content, toolCalls, usage }: Completion) {
	const text = { type: 'output_text', text: content ?? '', annotations: [] };
	const message = { type: 'message', id: `msg_${id}`, role: 'assistant', status: 'completed' };
	const calls = toolCalls.map((call) => ({
		type: 'function_call',
		id: `fc_${call.id}`,
		call_id: call.id,
		name: call.function.name,
		arguments: call.function.arguments,
		status: 'completed',
	}));
	return {
		id: `resp_${id}`,
		object: 'response',
		created_at: created,
		status: 'completed',
		model,
		output: calls.length > 0 ? calls : [{ ...message, content: [text] }],
		parallel_tool_calls: true,
		tool_choice: 'auto',
		tools: [],
		usage: {
			input_tokens: usage.prompt_tokens,
			output_tokens: usage.completion_tokens,
			total_tokens: usage.total_tokens,
			input_tokens_details: { cached_tokens: 0 },
			output_tokens_details: { reasoning_tokens: 0 },
		},
	};
}

/** The stream of the Responses API: named events, the whole response in the last one. */
export function streamResponse(response: ServerResponse, completion: Completion): void {
	const body = responseBodyOf(completion);
	let sequence = 0;
	const send = (type: string, data: Record<string, unknown>): void => {
		const event = JSON.stringify({ type, sequence_number: sequence++, ...data });
		response.write(`event: ${type}\ndata: ${event}\n\n`);
	};
	response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
	send('response.created', {
		response: { ...body, status: 'in_progress', output: [], usage: null },
	});
	for (const [output_index, item] of body.output.entries()) {
		send('response.output_item.added', { output_index, item });
		if (item.type === 'message') {
			for (const delta of completion.content?.match(/\S+\s*|\s+/g) ?? []) {
				const place = { item_id: item.id, output_index, content_index: 0 };
				send('response.output_text.delta', { ...place, delta });
			}
		}
		send('response.output_item.done', { output_index, item });
	}
	send('response.completed', { response: body });
	response.end();
}
