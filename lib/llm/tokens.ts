import type { ChatMessage, ChatRequest, TokenUsage, ToolCall } from './chatModel';

/** Characters of Latin text that make one token, on the average of the common tokenizers. */
const CHARS_PER_TOKEN = 4;
/** Tokens that a chat protocol adds to each message for its role and ends. */
const TOKENS_PER_MESSAGE = 4;
/** From here on (Hangul, kana, Han, emoji and the rest) one character is about one token. */
const FIRST_WIDE_CODE_UNIT = 0x1100;

/**
 * About how many tokens a text is; for budgets, when the service does not say. Latin text counts
 * a quarter of its characters, wide scripts each character.
 */
export function estimateTokens(text: string): number {
	let wide = 0;
	for (let index = 0; index < text.length; index++) {
		if (text.charCodeAt(index) >= FIRST_WIDE_CODE_UNIT) wide++;
	}
	return wide + Math.ceil((text.length - wide) / CHARS_PER_TOKEN);
}

/** About how many tokens a request's messages and tools are. */
export function estimateInputTokens(request: Pick<ChatRequest, 'messages' | 'tools'>): number {
	let tokens = 0;
	for (const message of request.messages) {
		tokens += TOKENS_PER_MESSAGE + estimateTokens(message.content) + toolCallTokens(message);
	}
	if (request.tools !== undefined && request.tools.length > 0) {
		tokens += estimateTokens(JSON.stringify(request.tools));
	}
	return tokens;
}

function toolCallTokens(message: ChatMessage): number {
	return message.role === 'assistant' ? callTokens(message.toolCalls ?? []) : 0;
}

function callTokens(calls: readonly ToolCall[]): number {
	return calls.reduce((sum, call) => sum + estimateTokens(call.name + call.argumentsJson), 0);
}

/** What a service reported, if anything. */
export interface ReportedUsage {
	inputTokens?: unknown;
	outputTokens?: unknown;
}

/**
 * The tokens of one call: what the service reported when that can be true, else an estimate. A
 * service that reports no input tokens at all is taken to report nothing, so that a budget cannot
 * be run down unseen.
 */
export function usageOf(
	reported: ReportedUsage,
	request: Pick<ChatRequest, 'messages' | 'tools'>,
	answer: { text: string; toolCalls: readonly ToolCall[] },
): TokenUsage {
	const input = positive(reported.inputTokens);
	const output = positive(reported.outputTokens);
	const answered = estimateTokens(answer.text) + callTokens(answer.toolCalls);
	const inputTokens = input ?? estimateInputTokens(request);
	const outputTokens = output ?? answered;
	return {
		inputTokens,
		outputTokens,
		totalTokens: inputTokens + outputTokens,
		estimated: input === undefined || (output === undefined && answered > 0),
	};
}

function positive(value: unknown): number | undefined {
	return typeof value === 'number' && Number.isFinite(value) && value > 0
		? Math.ceil(value)
		: undefined;
}
