import { EngineError, isJsonObject, isSafeKey, type Json, type JsonObject } from '../core';

/** Where a change applies: keys of objects and indexes of arrays, from the root. */
export type JsonPath = Array<string | number>;

/** One change of a JSON value. */
export type Change =
	| { op: 'set'; path: JsonPath; value: Json }
	| { op: 'remove'; path: JsonPath }
	/** Adds elements to the end of an array. */
	| { op: 'append'; path: JsonPath; values: Json[] }
	/** Adds characters to the end of a text. */
	| { op: 'concat'; path: JsonPath; text: string };

/**
 * What has to change to make `before` into `after`; empty when they are equal.
 *
 * Growing arrays and texts cost what was added, not what is there.
 */
export function diff(before: Json, after: Json, path: JsonPath = []): Change[] {
	if (before === after) return [];
	if (typeof before === 'string' && typeof after === 'string' && isExtension(before, after)) {
		return [{ op: 'concat', path, text: after.slice(before.length) }];
	}
	if (Array.isArray(before) && Array.isArray(after) && before.length <= after.length) {
		return diffArrays(before, after, path);
	}
	if (isJsonObject(before) && isJsonObject(after)) return diffObjects(before, after, path);
	return [{ op: 'set', path, value: after }];
}

function isExtension(before: string, after: string): boolean {
	return before !== '' && after.startsWith(before);
}

function diffArrays(before: Json[], after: Json[], path: JsonPath): Change[] {
	const changes = before.flatMap((value, index) => diff(value, after[index]!, [...path, index]));
	if (after.length > before.length) {
		changes.push({ op: 'append', path, values: after.slice(before.length) });
	}
	return changes;
}

function diffObjects(before: JsonObject, after: JsonObject, path: JsonPath): Change[] {
	const changes: Change[] = [];
	for (const key of Object.keys(before)) {
		if (!Object.hasOwn(after, key)) changes.push({ op: 'remove', path: [...path, key] });
	}
	for (const [key, value] of Object.entries(after)) {
		if (!isSafeKey(key)) continue;
		const inner = [...path, key];
		if (!Object.hasOwn(before, key)) changes.push({ op: 'set', path: inner, value });
		else changes.push(...diff(before[key]!, value, inner));
	}
	return changes;
}

/**
 * Makes changes to a value, in place where that is possible; values of the changes become part of it.
 *
 * @returns the changed value
 * @throws {EngineError} `DELTA_MISMATCH` when a change does not fit the value
 */
export function applyChanges(state: Json, changes: readonly Change[]): Json {
	// The value hangs in a holder, so that changing the root is like changing anything else.
	const holder: JsonObject = { root: state };
	for (const change of changes) applyChange(holder, change);
	return holder.root!;
}

function applyChange(holder: JsonObject, change: Change): void {
	const path = ['root', ...change.path];
	const key = path.pop()!;
	const parent = path.reduce<Json>((value, part) => childOf(value, part, change), holder);
	if (change.op === 'set') return assign(parent, key, change.value, change);
	if (change.op === 'remove') {
		if (!isJsonObject(parent) || parent === holder) throw mismatch(change);
		delete parent[key];
		return;
	}
	const current = childOf(parent, key, change);
	if (change.op === 'append' && Array.isArray(current)) {
		for (const value of change.values) current.push(value);
	} else if (change.op === 'concat' && typeof current === 'string') {
		assign(parent, key, current + change.text, change);
	} else throw mismatch(change);
}

function childOf(value: Json, key: string | number, change: Change): Json {
	const child = Array.isArray(value)
		? value[Number(key)]
		: isJsonObject(value) && Object.hasOwn(value, key)
			? value[key]
			: undefined;
	if (child === undefined) throw mismatch(change);
	return child;
}

function assign(parent: Json, key: string | number, value: Json, change: Change): void {
	if (Array.isArray(parent) && typeof key === 'number') parent[key] = value;
	else if (isJsonObject(parent) && isSafeKey(String(key))) parent[key] = value;
	else throw mismatch(change);
}

function mismatch({ op, path }: Change): EngineError {
	return new EngineError(
		'DELTA_MISMATCH',
		`A recorded change ("${op}" at /${path.join('/')}) does not fit the state before it.`,
		{ errorClass: 'validation', details: { op, path } },
	);
}
