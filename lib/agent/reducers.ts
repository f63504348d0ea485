import { canonicalJson, isJsonObject, ValidationError, show } from '../core';

/** How a new value of a key meets the one that is there. */
export type Reducer = (current: unknown, value: unknown) => unknown;

/**
 * Reducers by name: `last` replaces, `append` adds to a list, `sum` and `max` take numbers, `merge`
 * joins objects, `union` adds to a list what it does not have yet.
 */
export type ReducerName = 'last' | 'append' | 'sum' | 'max' | 'merge' | 'union';

const REDUCERS: Readonly<Record<ReducerName, Reducer>> = {
	last: (_current, value) => value,
	append: (current, value) => [...listOf(current), ...listOf(value)],
	sum: (current, value) => numberOf(current ?? 0) + numberOf(value),
	max: (current, value) => Math.max(numberOf(current ?? -Infinity), numberOf(value)),
	merge: (current, value) => ({ ...objectOf(current ?? {}), ...objectOf(value) }),
	union,
};

/** @throws {ValidationError} for a name that is not one of {@link ReducerName} */
export function reducerOf(reducer: ReducerName | Reducer): Reducer {
	if (typeof reducer === 'function') return reducer;
	const known = Object.hasOwn(REDUCERS, reducer) ? REDUCERS[reducer] : undefined;
	if (known !== undefined) return known;
	throw new ValidationError(
		`There is no reducer ${show(reducer)}; there are ${Object.keys(REDUCERS).join(', ')}.`,
	);
}

/** Several values at once come as a list; nothing is the empty list. */
function listOf(value: unknown): readonly unknown[] {
	if (value === undefined) return [];
	return Array.isArray(value) ? (value as unknown[]) : [value];
}

/** Equal JSON is the same element. */
function union(current: unknown, value: unknown): unknown[] {
	const byText = new Map<string, unknown>();
	for (const item of [...listOf(current), ...listOf(value)]) {
		const text = canonicalJson(item);
		if (!byText.has(text)) byText.set(text, item);
	}
	return [...byText.values()];
}

function numberOf(value: unknown): number {
	if (typeof value === 'number') return value;
	throw new ValidationError(`This reducer takes numbers, received ${show(value)}.`);
}

function objectOf(value: unknown): Record<string, unknown> {
	if (isJsonObject(value)) return value;
	throw new ValidationError(`This reducer takes objects, received ${show(value)}.`);
}
