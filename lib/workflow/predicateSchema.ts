import { z } from 'zod';

import { isJsonObject, messageOf, type Json } from '../core';
import { chosen, refuse } from './chosen';
import { didYouMean } from './closest';
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

const comparing = z
	.object({
		path: pathSchema,
		op: z.preprocess(camelCase, z.enum(COMPARING_OPS)),
		value: jsonSchema,
	})
	.strict()
	.refine(({ op, value }) => Array.isArray(value) || (op !== 'in' && op !== 'notIn'), {
		path: ['value'],
		message: 'must be a list for in and notIn',
	});

const plain = z
	.object({ path: pathSchema, op: z.preprocess(camelCase, z.enum(PLAIN_OPS)) })
	.strict();

/** A {@link Predicate} as users write it; `not_in` is accepted for `notIn`, and so on. */
export const predicateSchema: z.ZodType<Predicate, z.ZodTypeDef, unknown> = predicateAt(0);

function predicateAt(depth: number): z.ZodType<Predicate, z.ZodTypeDef, unknown> {
	return chosen<Predicate>((value) => {
		if (depth > MAX_DEPTH) return refuse(`is nested more than ${MAX_DEPTH} levels deep`);
		if (typeof value === 'boolean') return z.boolean();
		if (!isJsonObject(value)) return refuse('must be {path, op, value}, {all}, {any} or {not}');
		if ('all' in value) return z.object({ all: z.array(predicateAt(depth + 1)) }).strict();
		if ('any' in value) return z.object({ any: z.array(predicateAt(depth + 1)) }).strict();
		if ('not' in value) return z.object({ not: predicateAt(depth + 1) }).strict();
		return comparison(value.op);
	});
}

function comparison(op: Json | undefined): z.ZodType<Predicate, z.ZodTypeDef, unknown> {
	const name = camelCase(op);
	if (typeof name !== 'string' || !OPS.includes(name)) {
		const guess = typeof name === 'string' ? didYouMean(name, OPS) : '';
		return refuse(`must be one of ${OPS.join(', ')}${guess}`, ['op']);
	}
	return (PLAIN_OPS as readonly string[]).includes(name) ? plain : comparing;
}

function camelCase(op: unknown): unknown {
	if (typeof op !== 'string') return op;
	return op.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
