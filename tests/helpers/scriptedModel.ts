/** A chat model that says what a test has written down, and remembers what it was asked. */
import type { ChatModel, ChatRequest, ChatResponse, ToolCall } from '../../lib';

/** One turn: what to say, what to fail with, or a function that decides. */
export type Turn =
	| string
	| Partial<ChatResponse>
	| Error
	| ((request: ChatRequest) => Turn | Promise<Turn>);

/** See {@link scriptedModel}. */
export interface ScriptedModel extends ChatModel {
	/** Every request so far; messages as they were at that moment. */
	readonly requests: ChatRequest[];
}

/** A call of a tool, as a model asks for it. */
export function toolCall(name: string, input: unknown, id = `call-${name}`): ToolCall {
	return { id, name, argumentsJson: typeof input === 'string' ? input : JSON.stringify(input) };
}

/** A turn in which the model asks for tools. */
export function calls(...toolCalls: ToolCall[]): Partial<ChatResponse> {
	return { toolCalls, finishReason: 'tool_calls' };
}

/** A model that takes these turns in order; the last one again and again. */
export function scriptedModel(name: string, ...turns: Turn[]): ScriptedModel {
	const requests: ChatRequest[] = [];
	const queue = [...turns];
	return {
		name,
		key: `test|${name}`,
		requests,
		chat: async (request) => {
			requests.push({ ...request, messages: [...request.messages] });
			const turn = queue.length > 1 ? queue.shift()! : queue[0]!;
			return responseOf(await settled(turn, request), name);
		},
	};
}

async function settled(turn: Turn, request: ChatRequest): Promise<string | Partial<ChatResponse>> {
	if (turn instanceof Error) throw turn;
	if (typeof turn !== 'function') return turn;
	return await settled(await turn(request), request);
}

function responseOf(said: string | Partial<ChatResponse>, model: string): ChatResponse {
	return {
		text: '',
		toolCalls: [],
		finishReason: 'stop',
		usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15, estimated: false },
		model,
		...(typeof said === 'string' ? { text: said } : said),
	};
}
