import type { JsonObject } from '../core';

/** A tool call that a model asks for. */
export interface ToolCall {
	/** Ties the result to the call; unique within one answer. */
	id: string;
	/** Name of the tool, as the model wrote it. */
	name: string;
	/** The arguments as the model wrote them: JSON text, not yet checked. */
	argumentsJson: string;
}

/** One message of a conversation. */
export type ChatMessage =
	| { role: 'system'; content: string }
	| { role: 'user'; content: string }
	| { role: 'assistant'; content: string; toolCalls?: readonly ToolCall[] }
	| { role: 'tool'; toolCallId: string; name: string; content: string };

/** A tool as a model sees it. */
export interface ToolSpec {
	/** Letters, digits, `_` and `-`, at most 64. */
	name: string;
	/** What the tool does and when to use it. */
	description: string;
	/** JSON Schema of the arguments; its type is `object`. */
	parameters: JsonObject;
}

/** The form a model is asked to answer in. A model that cannot promise it may ignore it. */
export type ResponseFormat =
	| { type: 'text' }
	| { type: 'json' }
	| { type: 'json_schema'; name: string; schema: JsonObject };

/** One call of a chat model. */
export interface ChatRequest {
	messages: readonly ChatMessage[];
	/** Tools that the model may ask for. Default: none. */
	tools?: readonly ToolSpec[];
	/** Default: `{ type: 'text' }`. */
	responseFormat?: ResponseFormat;
	/** 0 to 2. Default: the model's own. */
	temperature?: number;
	/** Most tokens to answer with. Default: the model's own. */
	maxOutputTokens?: number;
	/** Breaks the call off. */
	signal?: AbortSignal;
	/**
	 * Asks for streaming; called with each piece of the answer's text as it arrives. A model that
	 * cannot stream calls it once, with all the text.
	 */
	onText?: (piece: string) => void;
	/** Called whenever the answer makes progress, so that idle time can be measured. */
	onActivity?: () => void;
}

/** Why a model ended its answer. */
export type FinishReason = 'stop' | 'tool_calls' | 'length' | 'content_filter' | 'refusal';

/** Tokens of one call. */
export interface TokenUsage {
	inputTokens: number;
	outputTokens: number;
	totalTokens: number;
	/** True when the service reported nothing usable and the numbers are counted here. */
	estimated: boolean;
}

/** A model's answer. */
export interface ChatResponse {
	/** The answer's text; empty when the model only asks for tools. */
	text: string;
	/** Tools that the model asks for; empty when the answer is final. */
	toolCalls: readonly ToolCall[];
	finishReason: FinishReason;
	usage: TokenUsage;
	/** The model that answered, as the service names it. */
	model: string;
}

/** A chat model behind one endpoint and one credential. */
export interface ChatModel {
	/** The model's name, e.g. `gpt-4o-mini`; what prices and outputs are looked up and shown by. */
	readonly name: string;
	/**
	 * Equal for all models that share the fate of one endpoint, credential and model: circuit
	 * breaker and rate limit are kept by it. Never holds a secret.
	 */
	readonly key: string;
	/**
	 * Asks the model once.
	 *
	 * @throws {EngineError} of class `auth`, `not_found`, `validation`, `rate_limit`,
	 * `quota_exhausted`, `overloaded`, `server`, `network`, `timeout`, `bad_output` or `abort`
	 */
	chat(request: ChatRequest): Promise<ChatResponse>;
}
