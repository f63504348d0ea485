/** Ollama's own chat API, translated to and from chat completions. */
import type { ServerResponse } from 'node:http';
import type { Completion } from './completion.ts';
import type { ChatRequest, JsonSchema, Message, ResponseFormat, Tool } from './protocol.ts';

interface OllamaMessage {
	role: Message['role'];
	content: string;
	tool_calls?: Array<{ function: { name: string; arguments: Record<string, unknown> } }>;
	tool_call_id?: string;
}

export interface OllamaRequest {
	model: string;
	messages: OllamaMessage[];
	tools?: Tool[];
	format?: 'json' | JsonSchema;
	/** Default true. */
	stream?: boolean;
}

function formatOf({ format }: OllamaRequest): ResponseFormat | undefined {
	if (format === undefined) return undefined;
	if (typeof format === 'string') return { type: 'json_object' };
	return { type: 'json_schema', json_schema: { name: 'answer', schema: format } };
}

/** The same question, asked as a chat completion. */
export function chatRequestOfOllama(request: OllamaRequest): ChatRequest {
	return {
		model: request.model,
		messages: request.messages.map(({ tool_calls: calls, ...message }, index) => ({
			...message,
			...(calls === undefined
				? {}
				: {
						tool_calls: calls.map(({ function: call }, at) => ({
							id: `call_${index}_${at}`,
							type: 'function' as const,
							function: { name: call.name, arguments: JSON.stringify(call.arguments) },
						})),
					}),
		})),
		tools: request.tools,
		stream: request.stream ?? true,
		response_format: formatOf(request),
	};
}

/** The lines of an answer: its text word by word, its tool calls, and what it took. */
function linesOf({ model, content, toolCalls, finishReason, usage }: Completion): object[] {
	const head = { model, created_at: new Date().toISOString() };
	const line = (message: Partial<OllamaMessage>) => ({
		...head,
		message: { role: 'assistant', content: '', ...message },
		done: false,
	});
	const calls = toolCalls.map(({ function: call }) => ({
		function: {
			name: call.name,
			arguments: JSON.parse(call.arguments) as Record<string, unknown>,
		},
	}));
	return [
		...(content?.match(/\S+\s*|\s+/g) ?? []).map((word) => line({ content: word })),
		...(calls.length === 0 ? [] : [line({ tool_calls: calls })]),
		{
			...line({}),
			done: true,
			done_reason: finishReason === 'length' ? 'length' : 'stop',
			prompt_eval_count: usage.prompt_tokens,
			eval_count: usage.completion_tokens,
		},
	];
}

/** Sends a completion as lines of JSON, or as one object when no stream is wanted. */
export function sendOllama(
	response: ServerResponse,
	completion: Completion,
	{ stream }: { stream: boolean },
): void {
	const lines = linesOf(completion);
	response.writeHead(200, { 'content-type': stream ? 'application/x-ndjson' : 'application/json' });
	if (stream) {
		for (const line of lines) response.write(`${JSON.stringify(line)}\n`);
		response.end();
		return;
	}
	const calls = lines.flatMap(
		(line) => (line as { message: OllamaMessage }).message.tool_calls ?? [],
	);
	const message = {
		role: 'assistant',
		content: completion.content ?? '',
		...(calls.length === 0 ? {} : { tool_calls: calls }),
	};
	response.end(JSON.stringify({ ...lines.at(-1), message }));
}
