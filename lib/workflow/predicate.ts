import {
	canonicalJson,
	EngineError,
	isJsonObject,
	messageOf,
	show,
	type Json,
	type JsonObject,
} from '../core';
import { lookUp, parsePath, type Path } from './path';

/** Operations that compare with a value. */
export const COMPARING_OPS = [
	'eq',
	'ne',
	'gt',
	'gte',
	'lt',
	'lte',
	'in',
	'notIn',
	'contains',
	'notContains',
	'startsWith',
	'endsWith',
] as const;

/** Operations that look at the value alone. */
export const PLAIN_OPS = ['exists', 'notExists', 'empty', 'notEmpty', 'truthy', 'falsy'] as const;

type ComparingOp = (typeof COMPARING_OPS)[number];
type PlainOp = (typeof PLAIN_OPS)[number];

/**
 * A condition as plain JSON, so that it can be stored with a definition and is never evaluated as
 * code, e.g. `{ path: 'steps.judge.output.score', op: 'gte', value: 0.9 }`.
 *
 * There is no regular expression among the operations on purpose: a stored one could be written so
 * that it never finishes.
 */
export type Predicate =
	| boolean
	| { path: string; op: ComparingOp; value: Json }
	| { path: string; op: PlainOp }
	| { all: Predicate[] }
	| { any: Predicate[] }
	| { not: Predicate };

/**
 * Whether a predicate holds for the data.
 *
 * A comparison that makes no sense for the value it finds, such as `gt` on a text and a number,
 * makes the whole predicate false; it never throws.
 *
 * @param warn - told why a predicate could not be decided
 */
export function holds(
	predicate: Predicate,
	scope: JsonObject,
	warn: (message: string) => void = () => undefined,
): boolean {
	try {
		return decide(predicate, scope);
	} catch (error) {
		warn(messageOf(error));
		return false;
	}
}

function decide(predicate: Predicate, scope: JsonObject): boolean {
	if (typeof predicate === 'boolean') return predicate;
	if ('all' in predicate) return predicate.all.every((part) => decide(part, scope));
	if ('any' in predicate) return predicate.any.some((part) => decide(part, scope));
	if ('not' in predicate) return !decide(predicate.not, scope);
	const actual = lookUp(scope, parsePath(predicate.path));
	if ('value' in predicate) return COMPARE[predicate.op](actual, predicate.value, predicate.path);
	return PLAIN[predicate.op](actual);
}

/**
 * Every path a predicate looks at.
 *
 * @throws {TemplateError} when one cannot be read; predicates that were parsed have none
 */
export function predicatePaths(predicate: Predicate): Path[] {
	if (typeof predicate === 'boolean') return [];
	if ('all' in predicate) return predicate.all.flatMap(predicatePaths);
	if ('any' in predicate) return predicate.any.flatMap(predicatePaths);
	return 'not' in predicate ? predicatePaths(predicate.not) : [parsePath(predicate.path)];
}

type Compare = (actual: Json | undefined, value: Json, path: string) => boolean;

const COMPARE: Record<ComparingOp, Compare> = {
	eq: isEqual,
	ne: (actual, value) => !isEqual(actual, value),
	gt: (actual, value, path) => order('gt', actual, value, path) > 0,
	gte: (actual, value, path) => order('gte', actual, value, path) >= 0,
	lt: (actual, value, path) => order('lt', actual, value, path) < 0,
	lte: (actual, value, path) => order('lte', actual, value, path) <= 0,
	in: isIn,
	notIn: (actual, value, path) => !isIn(actual, value, path),
	contains,
	notContains: (actual, value, path) => !contains(actual, value, path),
	startsWith: (actual, value, path) => {
		const [text, part] = texts('startsWith', actual, value, path);
		return text.startsWith(part);
	},
	endsWith: (actual, value, path) => {
		const [text, part] = texts('endsWith', actual, value, path);
		return text.endsWith(part);
	},
};

const PLAIN: Record<PlainOp, (actual: Json | undefined) => boolean> = {
	exists: (actual) => actual !== undefined,
	notExists: (actual) => actual === undefined,
	empty: isEmpty,
	notEmpty: (actual) => !isEmpty(actual),
	truthy: Boolean,
	falsy: (actual) => !actual,
};

/** Equal data, whatever the order of keys. Something missing equals nothing, not even null. */
function isEqual(actual: Json | undefined, value: Json): boolean {
	return actual !== undefined && canonicalJson(actual) === canonicalJson(value);
}

function isIn(actual: Json | undefined, value: Json, path: string): boolean {
	if (!Array.isArray(value)) throw undecidable('in', path, actual, value);
	return value.some((item) => isEqual(actual, item));
}

function contains(actual: Json | undefined, value: Json, path: string): boolean {
	if (Array.isArray(actual)) return actual.some((item) => isEqual(item, value));
	if (isJsonObject(actual) && typeof value === 'string') return Object.hasOwn(actual, value);
	const [text, part] = texts('contains', actual, value, path);
	return text.includes(part);
}

function order(op: string, actual: Json | undefined, value: Json, path: string): number {
	if (typeof actual === 'number' && typeof value === 'number') return actual - value;
	const [text, other] = texts(op, actual, value, path);
	// By code units, the same on every machine; a locale's order is not.
	return text === other ? 0 : text < other ? -1 : 1;
}

function texts(op: string, actual: Json | undefined, value: Json, path: string): [string, string] {
	if (typeof actual === 'string' && typeof value === 'string') return [actual, value];
	throw undecidable(op, path, actual, value);
}

/** Nothing, null, an empty text, list or object. Zero and false are values, so not empty. */
function isEmpty(value: Json | undefined): boolean {
	if (value === undefined || value === null) return true;
	if (typeof value === 'object') return Object.keys(value).length === 0;
	return value === '';
}

function undecidable(op: string, path: string, actual: Json | undefined, value: Json): EngineError {
	const message = `The condition on "${path}" cannot be decided: ${op} does not compare ${kindOf(actual)} with ${show(value)}.`;
	return new EngineError('PREDICATE_UNDECIDABLE', message, {
		errorClass: 'validation',
		hint: 'Correct the path, or compare values of one kind.',
		details: { path, op },
	});
}

/** The kind only, never the value: data may hold what must not show up in a message. */
function kindOf(value: Json | undefined): string {
	if (value === undefined) return 'nothing';
	if (value === null) return 'null';
	if (Array.isArray(value)) return 'a list';
	return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
