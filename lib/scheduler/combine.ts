import type { Json, JsonObject } from '../core';
import { canonicalJson, isJsonObject, isSafeKey, show, ValidationError } from '../core';

/** How the results of many tasks become one. */
export type CombineMode =
	/** All results, in their order. */
	| 'list'
	/** One object with the fields of all; the later result wins. */
	| 'merge'
	/** The sum of numbers, or of each numeric field of objects. */
	| 'sum'
	/** The most frequent result. */
	| 'vote'
	/** The result with the highest score. */
	| 'best';

/** One result and the task it came from. */
export interface KeyedResult {
	key: string;
	result: Json;
}

/** How often a value was given. */
export interface VoteCount {
	value: Json;
	votes: number;
}

/** Many results as one. */
export interface Combined {
	result: Json;
	/** For `vote`: how the votes fell, most first. */
	votes?: { share: number; counts: VoteCount[] };
	/** For `best`: whose result it is, and its score. */
	best?: { key: string; score: number };
}

/**
 * Makes one result of many.
 *
 * @param results - at least one, in input order
 * @param scoreField - for `best`: the field of a result that holds its score. Default `score`
 * @throws {ValidationError} naming the task whose result does not fit the mode
 */
export function combineResults(
	results: readonly KeyedResult[],
	mode: CombineMode,
	scoreField = 'score',
): Combined {
	switch (mode) {
		case 'list':
			return { result: results.map(({ result }) => result) };
		case 'merge':
			return { result: merged(results) };
		case 'sum':
			return { result: sumOf(results) };
		case 'vote':
			return vote(results);
		case 'best':
			return bestOf(results, scoreField);
	}
}

function merged(results: readonly KeyedResult[]): JsonObject {
	const all: JsonObject = {};
	for (const { key, result } of results) {
		if (!isJsonObject(result)) throw misfit(key, result, 'an object, to be merged');
		for (const [field, value] of Object.entries(result)) if (isSafeKey(field)) all[field] = value;
	}
	return all;
}

function sumOf(results: readonly KeyedResult[]): Json {
	if (!isJsonObject(results[0]!.result)) {
		return results.reduce((sum, { key, result }) => sum + numberOf(result, key), 0);
	}
	const sums: JsonObject = {};
	for (const { key, result } of results) {
		if (!isJsonObject(result)) throw misfit(key, result, 'an object, as the first one is');
		for (const [field, value] of Object.entries(result)) {
			if (typeof value !== 'number' || !isSafeKey(field)) continue;
			const before = sums[field];
			sums[field] = (typeof before === 'number' ? before : 0) + value;
		}
	}
	return sums;
}

/** Texts count as equal whatever their case and the space around them. Ties: the earlier one. */
function vote(results: readonly KeyedResult[]): Combined {
	const counts = new Map<string, VoteCount>();
	for (const { result } of results) {
		const ballot = typeof result === 'string' ? result.trim().toLowerCase() : result;
		const name = canonicalJson(ballot);
		const count = counts.get(name);
		if (count === undefined) counts.set(name, { value: result, votes: 1 });
		else count.votes++;
	}
	const ranked = [...counts.values()].sort((a, b) => b.votes - a.votes);
	const [winner] = ranked;
	return {
		result: winner!.value,
		votes: { share: winner!.votes / results.length, counts: ranked },
	};
}

function bestOf(results: readonly KeyedResult[], scoreField: string): Combined {
	const scored = results.map(({ key, result }) => {
		const score = isJsonObject(result) ? result[scoreField] : undefined;
		if (typeof score !== 'number') throw misfit(key, result, `a number as "${scoreField}"`);
		return { key, result, score };
	});
	const best = scored.reduce((first, next) => (next.score > first.score ? next : first));
	return { result: best.result, best: { key: best.key, score: best.score } };
}

function numberOf(result: Json, key: string): number {
	if (typeof result === 'number') return result;
	throw misfit(key, result, 'a number, to be added up');
}

function misfit(key: string, result: Json, expected: string): ValidationError {
	return new ValidationError(
		`The result of task "${key}" has to be or hold ${expected}, received ${show(result)}.`,
		{
			hint: 'Choose another way to combine results, or change what the tasks return',
			details: { key },
		},
	);
}
