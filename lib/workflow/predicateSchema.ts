import { z } from 'zod';

import { isJsonObject, messageOf, type Json } from '../core';
import { chosen, refuse, type Schema } from './chosen';
import { didYouMean } from './closest';
import { camelCase, named } from './named';
import { parsePath } from './path';
import { COMPARING_OPS, PLAIN_OPS, type Predicate } from './predicate';

/** Deepest nesting of all, any and not. */
const MAX_DEPTH = 32;

const OPS: readonly string[] = [...COMPARING_OPS, ...PLAIN_OPS];

/** A path that can be looked up; the message of a wrong one says where it goes wrong. */
const pathSchema = z.string().superRefine((path, context) => {
	try {
		parsePath(path);
	} catch (error) {
		context.addIssue({ code: 'custom', message: messageOf(error) });
	}
});

const jsonSchema = z.custom<Json>((value) => value !== undefined, 'must be given for this op');

const comparing = named({
	path: pathSchema,
	op: z.preprocess(spelling, z.enum(COMPARING_OPS)),
	value: jsonSchema,
}).transform((comparison, context) => {
	const { op, value } = comparison;
	if ((op === 'in' || op === 'notIn') && !Array.isArray(value)) {
		context.addIssue({
			code: 'custom',
			path: ['value'],
			message: 'must be a list for in and notIn',
		});
	}
	return comparison;
});

const plain = named({ path: pathSchema, op: z.preprocess(spelling, z.enum(PLAIN_OPS)) });

/** A {@link Predicate} as users write it; `not_in` is accepted for `notIn`, and so on. */
export const predicateSchema: Schema<Predicate> = predicateAt(0);

function predicateAt(depth: number): Schema<Predicate> {
	return chosen<Predicate>((value) => {
		if (depth > MAX_DEPTH) return refuse(`is nested more than ${MAX_DEPTH} levels deep`);
		if (typeof value === 'boolean') return z.boolean();
		if (!isJsonObject(value)) return refuse('must be {path, op, value}, {all}, {any} or {not}');
		if ('all' in value) return named({ all: z.array(predicateAt(depth + 1)) });
		if ('any' in value) return named({ any: z.array(predicateAt(depth + 1)) });
		if ('not' in value) return named({ not: predicateAt(depth + 1) });
		return comparison(value.op);
	});
}

function comparison(op: Json | undefined): Schema<Predicate> {
	const name = spelling(op);
	if (typeof name !== 'string' || !OPS.includes(name)) {
		const guess = typeof name === 'string' ? didYouMean(name, OPS) : '';
		return refuse(`must be one of ${OPS.join(', ')}${guess}`, ['op']);
	}
	return (PLAIN_OPS as readonly string[]).includes(name) ? plain : comparing;
}

function spelling(op: unknown): unknown {
	return typeof op === 'string' ? camelCase(op) : op;
}
