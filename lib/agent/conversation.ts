import type { ChatMessage, ToolCall } from '../llm';
import type { ToolCallRecord, ToolLimits } from './tool';

/** What has been said and done in a task. Plain JSON, so that it can wait in a store for a person. */
export interface Conversation {
	messages: ChatMessage[];
	/** Whether text from outside has entered it. Never goes back to false. */
	tainted: boolean;
	/** Turns of the model so far. */
	iterations: number;
	/** Tool calls that may still run. */
	callsLeft: number;
	/** How often each call was run, by its fingerprint. */
	repeats: Record<string, number>;
	/** Every tool call so far, in order. */
	toolCalls: ToolCallRecord[];
	/** Calls that wait for a person; empty while the conversation is running. */
	pending: ToolCall[];
}

/** Limits with their defaults filled in. */
export type ResolvedLimits = Required<Omit<ToolLimits, 'toolTimeoutMs'>> &
	Pick<ToolLimits, 'toolTimeoutMs'>;

/** Fills in the defaults of the limits. */
export function resolveLimits(limits: ToolLimits = {}): ResolvedLimits {
	return {
		maxIterations: 10,
		maxToolCalls: 50,
		maxRepeats: 2,
		maxResultLength: 100_000,
		...limits,
	};
}

/** A conversation that has not begun. */
export function newConversation(
	messages: ChatMessage[],
	tainted: boolean,
	limits: ResolvedLimits,
): Conversation {
	return {
		messages,
		tainted,
		iterations: 0,
		callsLeft: limits.maxToolCalls,
		repeats: {},
		toolCalls: [],
		pending: [],
	};
}
