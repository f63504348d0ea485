import { EngineError, isJsonObject, type Json, parseJson } from '../core';
import type { ChatMessage } from '../llm';
import { isStoreConflict, type Store } from '../store';

/** One question and its answer, as people would tell it: without tool calls and instructions. */
export interface Exchange {
	user: string;
	assistant: string;
}

/** What was said in earlier tasks, and is to be known in this one. */
export interface ConversationMemory {
	/** Earlier messages, oldest first. */
	load(): Promise<ChatMessage[]>;
	/** Adds one exchange. */
	save(exchange: Exchange): Promise<void>;
}

/** Which conversation, and how much of it. */
export interface ThreadOptions {
	store: Pick<Store, 'get' | 'put'>;
	/** Names the conversation, e.g. by customer. Who knows the name reads along. */
	threadId: string;
	/** How many exchanges are kept; older ones are forgotten. Default 20. */
	maxExchanges?: number;
}

const COLLECTION = 'threads';
/** Two tasks of one conversation may end at once; more tries mean that something else is wrong. */
const MAX_TRIES = 20;

/**
 * A conversation kept in a store. Tasks that end at the same time both get into it, in the order
 * in which they end.
 */
export function storedThread({
	store,
	threadId,
	maxExchanges = 20,
}: ThreadOptions): ConversationMemory {
	const read = async () => {
		const document = await store.get(COLLECTION, threadId);
		return { version: document?.version ?? 0, exchanges: exchangesOf(document?.value) };
	};
	const tryToSave = async (exchange: Exchange): Promise<boolean> => {
		const { version, exchanges } = await read();
		const value = JSON.stringify([...exchanges, exchange].slice(-maxExchanges));
		return await store.put({ collection: COLLECTION, id: threadId, version, value }).then(
			() => true,
			async (error: unknown) =>
				isStoreConflict(error) ? false : await Promise.reject(error as Error),
		);
	};
	return {
		load: async () => {
			const { exchanges } = await read();
			return exchanges.slice(-maxExchanges).flatMap(messagesOf);
		},
		save: async (exchange) => {
			for (let tries = 0; tries < MAX_TRIES; tries++) if (await tryToSave(exchange)) return;
			throw new EngineError(
				'THREAD_BUSY',
				`Conversation "${threadId}" changed ${MAX_TRIES} times while an exchange was added to it.`,
				{ errorClass: 'conflict', hint: 'Use a conversation of its own for each item.' },
			);
		},
	};
}

function messagesOf({ user, assistant }: Exchange): ChatMessage[] {
	return [
		{ role: 'user', content: user },
		{ role: 'assistant', content: assistant },
	];
}

function exchangesOf(value: string | undefined): Exchange[] {
	const list: Json = value === undefined ? [] : parseJson(value);
	if (!Array.isArray(list)) return [];
	return list.flatMap((entry) =>
		isJsonObject(entry) && typeof entry.user === 'string' && typeof entry.assistant === 'string'
			? [{ user: entry.user, assistant: entry.assistant }]
			: [],
	);
}
