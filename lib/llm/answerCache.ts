import { hashOf, isJsonObject, type Json, parseJson, type Runtime } from '../core';
import type { Store } from '../store';
import type { ChatModel, ChatRequest, ChatResponse } from './chatModel';

/** Remembers answers, so that the same question to the same model is asked once. */
export interface AnswerCache {
	/** A remembered answer that is still young enough. Never throws. */
	get(model: ChatModel, request: ChatRequest): Promise<ChatResponse | undefined>;
	/** Remembers an answer. Never throws. */
	put(model: ChatModel, request: ChatRequest, response: ChatResponse): Promise<void>;
}

/** Where and how long answers are remembered. */
export interface AnswerCacheOptions {
	store: Pick<Store, 'get' | 'put'>;
	runtime: Pick<Runtime, 'now'>;
	/** How long an answer may be used, in milliseconds. */
	ttlMs: number;
}

const COLLECTION = 'answer-cache';

/**
 * A cache in a store, by the hash of everything that an answer depends on: endpoint, account,
 * model, messages, tools and options. A store that does not work is like an empty one.
 */
export function answerCache({ store, runtime, ttlMs }: AnswerCacheOptions): AnswerCache {
	return {
		get: async (model, request) => {
			const document = await store.get(COLLECTION, keyOf(model, request)).catch(() => undefined);
			if (document === undefined || runtime.now() - document.updatedAt > ttlMs) return undefined;
			return readResponse(document.value);
		},
		put: async (model, request, response) => {
			const write = {
				collection: COLLECTION,
				id: keyOf(model, request),
				version: 'any' as const,
				value: JSON.stringify(response),
			};
			await store.put(write).catch(() => undefined);
		},
	};
}

/** Delimiters of untrusted text are new for each call, but mean the same. */
const DELIMITER_ID = /(<\/?untrusted-data id=")[A-Za-z0-9]+"/g;

function keyOf(model: ChatModel, request: ChatRequest): string {
	const { tools, responseFormat, temperature, maxOutputTokens } = request;
	const messages = request.messages.map((message) => ({
		...message,
		content: message.content.replace(DELIMITER_ID, '$1"'),
	}));
	return hashOf({
		model: model.key,
		messages,
		tools,
		responseFormat,
		temperature,
		maxOutputTokens,
	});
}

/** An answer from the store; what somebody else wrote there, or cut off, is no answer. */
function readResponse(value: string): ChatResponse | undefined {
	let json: Json;
	try {
		json = parseJson(value);
	} catch {
		return undefined;
	}
	const whole =
		isJsonObject(json) &&
		typeof json.text === 'string' &&
		typeof json.model === 'string' &&
		Array.isArray(json.toolCalls) &&
		isJsonObject(json.usage);
	return whole ? (json as unknown as ChatResponse) : undefined;
}
