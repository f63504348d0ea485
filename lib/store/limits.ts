import { show, ValidationError } from '../core';
import {
	MAX_KEY_LENGTH,
	MAX_PAGE,
	MAX_VALUE_LENGTH,
	type DocumentWrite,
	type ListQuery,
	type LogEntry,
} from './store';

/**
 * Checks what every driver must refuse alike, before it reaches a back end.
 *
 * @throws {ValidationError} for an empty or over-long key, a NUL character or an over-long body
 */
export function checkEntries(entries: readonly LogEntry[]): void {
	for (const { runId, body } of entries) {
		checkKey('Run key', runId);
		checkSize(`A record of run "${runId}"`, body);
	}
}

/** Like {@link checkEntries}, for a document. */
export function checkWrite({ collection, id, value, runId }: DocumentWrite): void {
	checkKey('Collection', collection);
	checkKey('Document id', id);
	if (runId !== undefined && runId !== '') checkKey('Run key', runId);
	checkSize(`Document "${id}" of "${collection}"`, value);
}

/** Half of a character outside the basic plane, without its other half. */
const LONE_SURROGATE = /[\uD800-\uDFFF]/u;

function checkKey(what: string, key: string): void {
	if (key === '') throw new ValidationError(`${what} is empty.`);
	if (key.length > MAX_KEY_LENGTH) {
		throw new ValidationError(
			`${what} ${show(key)} is ${key.length} characters long; the most is ${MAX_KEY_LENGTH}. Use a shorter key, or a hash of it.`,
		);
	}
	// PostgreSQL text cannot hold NUL, and half a surrogate pair has no UTF-8 form.
	if (key.includes('\u0000') || LONE_SURROGATE.test(key)) {
		throw new ValidationError(`${what} ${show(key)} has a character that cannot be stored.`);
	}
}

function checkSize(what: string, text: string): void {
	if (text.length <= MAX_VALUE_LENGTH) return;
	throw new ValidationError(
		`${what} has ${text.length} characters; the most is ${MAX_VALUE_LENGTH}. Store large data elsewhere and save a reference to it.`,
	);
}

/** The page a query asks for, with its defaults. */
export function pageOf(query: ListQuery): { limit: number; offset: number } {
	const whole = (value: number): number => Math.max(0, Math.trunc(value));
	return {
		limit: Math.min(MAX_PAGE, whole(query.limit ?? 50)),
		offset: whole(query.offset ?? 0),
	};
}
