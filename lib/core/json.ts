/** A value that survives `JSON.stringify` and `JSON.parse` unchanged. All stored data is of this kind. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
	[key: string]: Json;
}

/** Keys that could reach an object's prototype when untrusted data is merged. */
const UNSAFE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** Whether a key may be copied from untrusted data into an object. */
export function isSafeKey(key: string): boolean {
	return !UNSAFE_KEYS.has(key);
}

/** Whether a value is an object with string keys: not null, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Parses JSON from an untrusted source, dropping keys that could reach a prototype.
 *
 * @throws {SyntaxError} when the text is not JSON
 */
export function parseJson(text: string): Json {
	// Looking at every key makes parsing ten times slower, and hardly any text needs it.
	if (!MAY_HOLD_UNSAFE_KEYS.test(text)) return JSON.parse(text) as Json;
	return JSON.parse(text, (key, value: Json): Json | undefined =>
		isSafeKey(key) ? value : undefined,
	) as Json;
}

/** An unsafe key, or an escape that could spell one. */
const MAY_HOLD_UNSAFE_KEYS = /__proto__|constructor|prototype|\\u/;

/**
 * A deep copy of any value as plain JSON: what a store would give back.
 *
 * Dates become ISO strings, `undefined`, functions and symbols disappear (`null` inside arrays).
 *
 * @throws {TypeError} when the value has a cycle or a bigint
 */
export function toJson(value: unknown): Json {
	const text = JSON.stringify(value) as string | undefined;
	return text === undefined ? null : (JSON.parse(text) as Json);
}

/**
 * JSON text with sorted keys and no spaces: equal data gives equal text, whatever the key order.
 * The base of every hash in the engine.
 */
export function canonicalJson(value: unknown): string {
	return JSON.stringify(sortKeys(toJson(value)));
}

function sortKeys(value: Json): Json {
	if (Array.isArray(value)) return value.map(sortKeys);
	if (!isJsonObject(value)) return value;
	// A null prototype, so that a key named `__proto__` is data like any other.
	const sorted = Object.create(null) as JsonObject;
	for (const key of Object.keys(value).sort()) sorted[key] = sortKeys(value[key] as Json);
	return sorted;
}
