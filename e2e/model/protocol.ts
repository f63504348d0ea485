/** The parts of OpenAI's protocol that the stand-in speaks. */

export interface ToolCall {
	id: string;
	type: 'function';
	function: { name: string; arguments: string };
}

export interface Message {
	role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
	content?: string | null | Array<{ type: string; text?: string }>;
	tool_calls?: ToolCall[];
	tool_call_id?: string;
}

export interface Tool {
	type: 'function';
	function: { name: string; description?: string; parameters?: JsonSchema };
}

export interface JsonSchema {
	type?: string | string[];
	enum?: unknown[];
	const?: unknown;
	properties?: Record<string, JsonSchema>;
	required?: string[];
	items?: JsonSchema;
	minItems?: number;
	minimum?: number;
	maximum?: number;
	anyOf?: JsonSchema[];
	oneOf?: JsonSchema[];
	[keyword: string]: unknown;
}

export type ResponseFormat =
	| { type: 'text' }
	| { type: 'json_object' }
	| { type: 'json_schema'; json_schema: { name: string; schema: JsonSchema } };

export interface ChatRequest {
	model: string;
	messages: Message[];
	stream?: boolean;
	stream_options?: { include_usage?: boolean };
	tools?: Tool[];
	tool_choice?: 'none' | 'auto' | 'required' | { type: 'function'; function: { name: string } };
	response_format?: ResponseFormat;
	max_tokens?: number;
	max_completion_tokens?: number;
}

export interface EmbeddingsRequest {
	model: string;
	input: string | string[];
	dimensions?: number;
}

/** What the assistant says: text or tool calls. */
export interface Reply {
	content?: string;
	toolCalls?: Array<{ name: string; arguments: Record<string, unknown> }>;
}

/** The text of a message, whichever way it was sent. */
export function textOf({ content }: Message): string {
	if (typeof content === 'string') return content;
	return (content ?? []).map(({ text }) => text ?? '').join('\n');
}
