import { isJsonObject, isSafeKey, type Json } from '../core';
import { TemplateError } from './templateError';

/** Where a value lies inside JSON data: names of objects' keys and indices of arrays. */
export type Path = ReadonlyArray<string | number>;

/** Longest path that is followed, in segments. */
export const MAX_PATH_SEGMENTS = 32;

// One segment: a name after a dot (or at the start), `[12]`, `["any text"]` or `['any text']`.
const SEGMENT =
	/(\.)?(?:([\p{L}\p{N}_$-]+)|\[(\d{1,9})\]|\["((?:[^"\\]|\\["\\])*)"\]|\['((?:[^'\\]|\\['\\])*)'\])/uy;

/**
 * Reads a path such as `steps.search.output[0].url` or `input["odd key"]`.
 *
 * A path is only looked up, never evaluated: there are no operators, calls or prototypes in it.
 *
 * @throws {TemplateError} `TEMPLATE_SYNTAX` with the place where it stops being a path
 */
export function parsePath(text: string): Path {
	const path: Array<string | number> = [];
	SEGMENT.lastIndex = 0;
	while (SEGMENT.lastIndex < text.length || path.length === 0) {
		const at = SEGMENT.lastIndex;
		const match = SEGMENT.exec(text);
		const segment = match === null ? undefined : segmentOf(match, path.length === 0);
		if (segment === undefined) throw notAPath(text, at);
		if (typeof segment === 'string' && !isSafeKey(segment)) throw unsafe(text, segment);
		path.push(segment);
	}
	if (path.length > MAX_PATH_SEGMENTS) throw tooLong(text, path.length);
	return path;
}

/** The segment of a match; nothing when a dot is missing before a name, or stands where none may. */
function segmentOf(match: RegExpExecArray, first: boolean): string | number | undefined {
	const [, dot, name, index, double, single] = match;
	const wantsDot = name !== undefined && !first;
	if ((dot !== undefined) !== wantsDot) return undefined;
	if (index !== undefined) return Number(index);
	return name ?? (double ?? single!).replace(/\\(.)/g, '$1');
}

function notAPath(text: string, at: number): TemplateError {
	const rest = text.slice(at, at + 20);
	const where = rest === '' ? 'a name is missing at its end' : `it stops at "${rest}"`;
	return new TemplateError('TEMPLATE_SYNTAX', `"${text}" is not a path: ${where}.`, {
		hint: 'Write names separated by dots, such as steps.search.output[0].url; for other keys write ["the key"].',
		details: { path: text, at },
	});
}

function unsafe(text: string, segment: string): TemplateError {
	return new TemplateError(
		'TEMPLATE_SYNTAX',
		`The path "${text}" may not contain the name "${segment}".`,
		{ hint: 'Rename the key in the data.', details: { path: text, segment } },
	);
}

function tooLong(text: string, segments: number): TemplateError {
	return new TemplateError(
		'TEMPLATE_SYNTAX',
		`The path "${text}" has ${segments} segments, more than the ${MAX_PATH_SEGMENTS} allowed.`,
		{ hint: 'Flatten the data.', details: { path: text, segments } },
	);
}

/**
 * The value at a path, or `undefined` when there is none.
 *
 * Only own data properties count: no prototype is read and no getter runs. Arrays know their
 * indices and `length`, texts their `length`.
 */
export function lookUp(data: unknown, path: Path): Json | undefined {
	let current = data;
	for (const segment of path) {
		current = child(current, segment);
		if (current === undefined) return undefined;
	}
	return current as Json | undefined;
}

function child(value: unknown, segment: string | number): unknown {
	if (typeof value === 'string') return segment === 'length' ? value.length : undefined;
	if (!Array.isArray(value) && !isJsonObject(value)) return undefined;
	return Object.getOwnPropertyDescriptor(value, segment)?.value as unknown;
}

/** A path as text that {@link parsePath} reads back. */
export function pathText(path: Path): string {
	return path.reduce<string>((text, segment) => {
		if (typeof segment === 'number') return `${text}[${segment}]`;
		if (!/^[\p{L}\p{N}_$-]+$/u.test(segment)) {
			return `${text}["${segment.replace(/["\\]/g, '\\$&')}"]`;
		}
		return text === '' ? segment : `${text}.${segment}`;
	}, '');
}
