import type { z } from 'zod';

import { ValidationError } from './errors';

/**
 * Parses a value at the edge of the engine.
 *
 * @param what - what the value is, in the user's words, e.g. `Retry options`; starts the message
 * @returns the parsed value, with the schema's defaults filled in
 * @throws {ValidationError} naming each path, what was expected and what was received, e.g.
 * `Retry options: maxAttempts must be a number, received "three".`
 */
export function parse<Schema extends z.ZodTypeAny>(
	schema: Schema,
	value: unknown,
	what: string,
): z.infer<Schema> {
	const result = schema.safeParse(value);
	if (result.success) return result.data as z.infer<Schema>;
	const issues = result.error.issues.map((issue) => ({
		path: pathText(issue.path),
		message: issue.message,
		received: show(valueAt(value, issue.path)),
	}));
	const text = issues.map(
		({ path, message, received }) =>
			`${path === '' ? '' : `${path}: `}${message}, received ${received}`,
	);
	throw new ValidationError(`${what}: ${text.join('; ')}.`, { details: { issues } });
}

function pathText(path: ReadonlyArray<string | number>): string {
	let text = '';
	for (const part of path) {
		if (typeof part === 'number') text += `[${part}]`;
		else text += text === '' ? part : `.${part}`;
	}
	return text;
}

function valueAt(value: unknown, path: ReadonlyArray<string | number>): unknown {
	let current = value;
	for (const part of path) {
		if (typeof current !== 'object' || current === null) return undefined;
		current = (current as Record<string | number, unknown>)[part];
	}
	return current;
}

const SHOWN_LENGTH = 60;

/** A short, readable form of any value, for messages. */
export function show(value: unknown): string {
	if (value === undefined) return 'nothing';
	if (typeof value === 'function') return 'a function';
	if (typeof value === 'bigint' || typeof value === 'symbol') return value.toString();
	const text = JSON.stringify(value);
	return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
