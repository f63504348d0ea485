import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { z as z4 } from 'zod/v4';

import { toolParameters } from '../../../lib';

const property = (schema: z.ZodTypeAny) => {
	const { properties } = toolParameters(z.object({ p: schema }));
	return (properties as Record<string, unknown>).p;
};

enum Colour {
	Red = 'red',
	Blue = 'blue',
}

describe('toolParameters', () => {
	it.each<[string, z.ZodTypeAny, object]>([
		['text', z.string().describe('A name'), { type: 'string', description: 'A name' }],
		['text of a length', z.string().min(1).max(9), { type: 'string', minLength: 1, maxLength: 9 }],
		['text of a form', z.string().regex(/^a/), { type: 'string', pattern: '^a' }],
		['an e-mail address', z.string().email(), { type: 'string', format: 'email' }],
		['a UUID', z.string().uuid(), { type: 'string', format: 'uuid' }],
		['an address', z.string().url().trim(), { type: 'string', format: 'uri' }],
		['a number', z.number(), { type: 'number' }],
		['a whole number', z.number().int().min(1).max(5), { type: 'integer', minimum: 1, maximum: 5 }],
		[
			'a number in an open range',
			z.number().gt(1).lt(5).finite(),
			{ type: 'number', exclusiveMinimum: 1, exclusiveMaximum: 5 },
		],
		['a multiple', z.number().multipleOf(5), { type: 'number', multipleOf: 5 }],
		['a big number', z.bigint(), { type: 'integer' }],
		['a boolean', z.boolean(), { type: 'boolean' }],
		['a date', z.date(), { type: 'string', format: 'date-time' }],
		['null', z.null(), { type: 'null' }],
		['a literal', z.literal('x'), { const: 'x' }],
		['an enum', z.enum(['a', 'b']), { type: 'string', enum: ['a', 'b'] }],
		['a native enum', z.nativeEnum(Colour), { enum: ['red', 'blue'] }],
		['a list', z.array(z.number()), { type: 'array', items: { type: 'number' } }],
		[
			'a tuple',
			z.tuple([z.string(), z.number()]),
			{ type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
		],
		[
			'a record',
			z.record(z.number()),
			{ type: 'object', additionalProperties: { type: 'number' } },
		],
		[
			'a union',
			z.union([z.string(), z.number()]),
			{ anyOf: [{ type: 'string' }, { type: 'number' }] },
		],
		[
			'an intersection',
			z.intersection(z.string(), z.string().min(1)),
			{ allOf: [{ type: 'string' }, { type: 'string', minLength: 1 }] },
		],
		['a nullable', z.string().nullable(), { anyOf: [{ type: 'string' }, { type: 'null' }] }],
		['a default', z.string().default('x'), { type: 'string' }],
		['a catch', z.string().catch('x'), { type: 'string' }],
		['readonly', z.string().readonly(), { type: 'string' }],
		['a brand', z.string().brand('B'), { type: 'string' }],
		['a refinement', z.string().refine(() => true), { type: 'string' }],
		['a pipeline', z.string().pipe(z.string()), { type: 'string' }],
		['anything', z.any(), {}],
		['what cannot be told', z.lazy(() => z.string()), {}],
		[
			'a described optional',
			z.string().optional().describe('D'),
			{ type: 'string', description: 'D' },
		],
	])('knows %s of zod 3', (_name, schema, expected) => {
		expect(property(schema)).toEqual(expected);
	});

	it('knows a discriminated union of zod 3', () => {
		const of = (kind: string) => z.object({ kind: z.literal(kind) });
		const one = { type: 'object', properties: { kind: { const: 'a' } }, required: ['kind'] };
		const two = { type: 'object', properties: { kind: { const: 'b' } }, required: ['kind'] };
		expect(property(z.discriminatedUnion('kind', [of('a'), of('b')]))).toEqual({
			anyOf: [one, two],
		});
	});

	it('knows which fields may be missing, and whether others may be there', () => {
		const schema = z
			.object({
				needed: z.string(),
				optional: z.string().optional(),
				defaulted: z.string().default('x'),
				nullish: z.string().nullish(),
				optionalNull: z.string().optional().nullable(),
				refined: z
					.string()
					.optional()
					.refine(() => true),
				nullable: z.string().nullable(),
				odd: { parse: () => 1 } as unknown as z.ZodString,
			})
			.strict();
		const { required, additionalProperties } = toolParameters(schema);
		expect(required).toEqual(['needed', 'nullable', 'odd']);
		expect(additionalProperties).toBe(false);
		expect(toolParameters(z.object({ a: z.string().optional() }))).toEqual({
			type: 'object',
			properties: { a: { type: 'string' } },
		});
	});

	it('takes an object that was refined as a whole', () => {
		const schema = z.object({ input: z.string() }).transform(({ input }) => input);
		expect(toolParameters(schema)).toEqual({
			type: 'object',
			properties: { input: { type: 'string' } },
			required: ['input'],
		});
	});

	it.each<[string, z4.ZodType, object]>([
		['text', z4.string().describe('A name'), { type: 'string', description: 'A name' }],
		['a number', z4.number(), { type: 'number' }],
		['a whole number', z4.int(), { type: 'integer' }],
		['a big number', z4.bigint(), { type: 'integer' }],
		['a boolean', z4.boolean(), { type: 'boolean' }],
		['a date', z4.date(), { type: 'string', format: 'date-time' }],
		['null', z4.null(), { type: 'null' }],
		['a literal', z4.literal('x'), { enum: ['x'] }],
		['an enum', z4.enum(['a', 'b']), { enum: ['a', 'b'] }],
		['a list', z4.array(z4.number()), { type: 'array', items: { type: 'number' } }],
		[
			'a record',
			z4.record(z4.string(), z4.number()),
			{ type: 'object', additionalProperties: { type: 'number' } },
		],
		[
			'a union',
			z4.union([z4.string(), z4.number()]),
			{ anyOf: [{ type: 'string' }, { type: 'number' }] },
		],
		[
			'an intersection',
			z4.intersection(z4.string(), z4.string()),
			{ allOf: [{ type: 'string' }, { type: 'string' }] },
		],
		['a nullable', z4.string().nullable(), { anyOf: [{ type: 'string' }, { type: 'null' }] }],
		['an optional', z4.string().optional(), { type: 'string' }],
		['a default', z4.string().default('x'), { type: 'string' }],
		['a prefault', z4.string().prefault('x'), { type: 'string' }],
		['a catch', z4.string().catch('x'), { type: 'string' }],
		['readonly', z4.string().readonly(), { type: 'string' }],
		['a pipe', z4.string().pipe(z4.string()), { type: 'string' }],
		['anything', z4.any(), {}],
	])('knows %s of zod 4', (_name, schema, expected) => {
		const { properties } = toolParameters(z4.object({ p: schema }));
		expect((properties as Record<string, unknown>).p).toEqual(expected);
	});

	it('knows which fields of zod 4 may be missing', () => {
		const schema = z4.object({
			n: z4.number().optional(),
			d: z4.date(),
			x: z4.string().default('y'),
		});
		expect(toolParameters(schema).required).toEqual(['d']);
		expect(toolParameters(z4.object({ a: z4.string().optional() }))).toEqual({
			type: 'object',
			properties: { a: { type: 'string' } },
		});
	});

	it('takes JSON Schema as it is', () => {
		const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
		expect(toolParameters(schema)).toEqual(schema);
		expect(toolParameters({ type: 'object' })).toEqual({ type: 'object', properties: {} });
	});

	it.each([
		undefined,
		null,
		5,
		'x',
		[],
		{ type: 'string' },
		z.string(),
		{ _def: null },
		{ _def: { typeName: 'toString' } },
		{ _zod: null },
		{ _zod: { def: { type: 'toString' } } },
	])('lets anything through when the form is %j', (schema) => {
		expect(toolParameters(schema)).toEqual({ type: 'object', properties: {} });
	});
});
