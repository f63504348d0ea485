import { z } from 'zod';

import { hashOf, parseJson } from '../core';
import type { Runtime } from '../core';
import type { Store } from '../store';
import type { EngineHit } from './searchEngine';

/** Remembers what engines found, so that the same is not asked twice. */
export interface SearchCache {
	/** @throws when it does not work; a search goes on without it */
	get(key: string): Promise<EngineHit[] | undefined>;
	/** @throws when it does not work */
	put(key: string, hits: readonly EngineHit[]): Promise<void>;
}

/** Where and how long answers of engines are remembered. */
export interface SearchCacheOptions {
	store: Pick<Store, 'get' | 'put' | 'list' | 'remove'>;
	runtime: Pick<Runtime, 'now'>;
	/** How long an answer may be used, in milliseconds. */
	ttlMs: number;
}

const COLLECTION = 'search-cache';
/** Old answers that are cleared away with each new one. */
const CLEARED_AT_ONCE = 5;

const hitsSchema = z.array(
	z.object({
		url: z.string().nullable(),
		id: z.string().optional(),
		title: z.string(),
		snippet: z.string(),
		text: z.string().optional(),
		publishedAt: z.string().nullish(),
	}),
);

/** A cache in a store, which clears away what is too old. */
export function searchCache({ store, runtime, ttlMs }: SearchCacheOptions): SearchCache {
	return {
		get: async (key) => {
			const document = await store.get(COLLECTION, key);
			if (document === undefined || runtime.now() - document.updatedAt > ttlMs) return undefined;
			// What somebody else wrote there, or cut off, is no answer.
			return hitsSchema.safeParse(jsonOf(document.value)).data;
		},
		put: async (key, hits) => {
			const value = JSON.stringify(hits);
			await store.put({ collection: COLLECTION, id: key, version: 'any', value });
			const { documents } = await store.list(COLLECTION, {
				updatedBefore: runtime.now() - ttlMs,
				oldestFirst: true,
				limit: CLEARED_AT_ONCE,
			});
			await Promise.all(documents.map(async ({ id }) => await store.remove(COLLECTION, id)));
		},
	};
}

/** The name of an answer: everything that it depends on. */
export function cacheKey(parts: object): string {
	return hashOf(parts);
}

function jsonOf(text: string): unknown {
	try {
		return parseJson(text);
	} catch {
		return undefined;
	}
}
