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

	it('knows zod 4', () => {
		const schema = z4.object({ n: z4.number().optional(), d: z4.date() });
		expect(toolParameters(schema)).toMatchObject({
			type: 'object',
			properties: { n: { type: 'number' }, d: {} },
			required: ['d'],
		});
		expect('$schema' in toolParameters(schema)).toBe(false);
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
	])('lets anything through when the form is %j', (schema) => {
		expect(toolParameters(schema)).toEqual({ type: 'object', properties: {} });
	});
});
