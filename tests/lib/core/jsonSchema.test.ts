import { describe, expect, it } from '@jest/globals';

import { jsonSchemaProblems, parseJsonSchema, schemaFromExample } from '../../../lib';
import type { JsonObject } from '../../../lib';

const ticket: JsonObject = {
	type: 'object',
	properties: {
		title: { type: 'string', minLength: 2, maxLength: 10, pattern: '^[A-Z]' },
		price: { type: 'number', minimum: 1, maximum: 10, multipleOf: 0.1 },
		tags: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 2, uniqueItems: true },
		kind: { enum: ['bug', 'idea'] },
	},
	required: ['title'],
	additionalProperties: false,
};

describe('jsonSchemaProblems', () => {
	it('finds nothing wrong with a value that fits', () => {
		const value = { title: 'Broken', price: 0.3 * 10, tags: ['a', 'b'], kind: 'bug' };
		expect(jsonSchemaProblems(ticket, value)).toEqual([]);
	});

	it.each([
		[{}, 'title is missing'],
		[{ title: 5 }, 'title must be a string, received 5'],
		[{ title: 'A' }, 'title must have at least 2 characters, received "A"'],
		[{ title: 'Abcdefghijk' }, 'title must have at most 10 characters, received "Abcdefghijk"'],
		[{ title: 'abc' }, 'title must match ^[A-Z], received "abc"'],
		[{ title: 'Abc', price: '3' }, 'price must be a number, received "3"'],
		[{ title: 'Abc', price: 0.5 }, 'price must be 1 or more, received 0.5'],
		[{ title: 'Abc', price: 11 }, 'price must be 10 or less, received 11'],
		[{ title: 'Abc', price: 1.05 }, 'price must be a multiple of 0.1, received 1.05'],
		[{ title: 'Abc', tags: [] }, 'tags must have at least 1 items, received []'],
		[{ title: 'Abc', tags: ['a', 2] }, 'tags[1] must be a string, received 2'],
		[
			{ title: 'Abc', tags: ['a', 'b', 'c'] },
			'tags must have at most 2 items, received ["a","b","c"]',
		],
		[{ title: 'Abc', tags: ['a', 'a'] }, 'tags must not repeat an item, received ["a","a"]'],
		[{ title: 'Abc', kind: 'x' }, 'kind must be one of "bug", "idea", received "x"'],
		[{ title: 'Abc', more: 1 }, 'more must not be there, received 1'],
		[[], 'The value must be an object, received []'],
	])('names path, rule and value: %j', (value, problem) => {
		expect(jsonSchemaProblems(ticket, value)).toEqual([problem]);
	});

	it.each<[JsonObject, unknown, string[]]>([
		[{ type: 'integer' }, 2, []],
		[{ type: 'integer' }, 2.5, ['The value must be an integer, received 2.5']],
		[{ type: ['string', 'null'] }, null, []],
		[{ type: ['string', 'null'] }, 1, ['The value must be a string or null, received 1']],
		[{ type: 'string', nullable: true }, null, []],
		[{ const: { a: 1, b: [2] } }, { b: [2], a: 1 }, []],
		[{ const: 1 }, 2, ['The value must be 1, received 2']],
		[{ exclusiveMinimum: 1 }, 1, ['The value must be more than 1, received 1']],
		[{ exclusiveMaximum: 1 }, 1, ['The value must be less than 1, received 1']],
		[{ exclusiveMinimum: 1, exclusiveMaximum: 3 }, 2, []],
		[{ multipleOf: 0 }, 2, []],
		[{ minProperties: 1 }, {}, ['The value must have at least 1 properties, received {}']],
		[
			{ maxProperties: 0 },
			{ a: 1 },
			['The value must have at most 0 properties, received {"a":1}'],
		],
		[{ anyOf: [{ type: 'string' }, { type: 'number' }] }, 1, []],
		[
			{ anyOf: [{ type: 'string' }] },
			1,
			['The value must fit one of the allowed forms, received 1'],
		],
		[{ oneOf: [{ type: 'string' }, { minLength: 1 }] }, '', []],
		[
			{ oneOf: [{ type: 'string' }, { minLength: 1 }] },
			'a',
			['The value must fit exactly one of the allowed forms, received "a"'],
		],
		[
			{ allOf: [{ type: 'string' }, { minLength: 2 }] },
			'a',
			['The value must have at least 2 characters, received "a"'],
		],
		[{ not: { type: 'string' } }, 'a', ['The value has a form that is not allowed, received "a"']],
		[{ not: { type: 'string' } }, 1, []],
		[{ prefixItems: [{ type: 'string' }], items: { type: 'number' } }, ['a', 1], []],
		[
			{ prefixItems: [{ type: 'string' }], items: { type: 'number' } },
			[1, 'a'],
			['[0] must be a string, received 1', '[1] must be a number, received "a"'],
		],
		[
			{ additionalProperties: { type: 'number' } },
			{ a: 'x' },
			['a must be a number, received "x"'],
		],
		[{ pattern: '(' }, 'a', []],
		[{ $ref: 'https://elsewhere.test/x' }, 'a', []],
		[{ $ref: '#/$defs/none' }, 'a', []],
		[
			{ $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'number' } } },
			'a',
			['The value must be a number, received "a"'],
		],
		[{ properties: { constructor: { type: 'string' } } }, {}, []],
	])('knows %j', (schema, value, problems) => {
		expect(jsonSchemaProblems(schema, value)).toEqual(problems);
	});

	it('follows references of a recursive schema, and stops at 100 levels', () => {
		const tree: JsonObject = { type: 'object', properties: { child: { $ref: '#' } } };
		expect(jsonSchemaProblems(tree, { child: { child: { child: 1 } } })).toEqual([
			'child.child.child must be an object, received 1',
		]);
		let deep: JsonObject = {};
		for (let level = 0; level < 5000; level++) deep = { child: deep };
		expect(jsonSchemaProblems(tree, deep)[0]).toMatch(/must not be nested deeper than 100 levels$/);
		expect(jsonSchemaProblems({ $ref: '#' }, 1)).toEqual([
			'The value must not be nested deeper than 100 levels',
		]);
	});

	it('names at most 20 problems', () => {
		const many = Array.from({ length: 100 }, () => 'x');
		expect(jsonSchemaProblems({ items: { type: 'number' } }, many)).toHaveLength(20);
	});

	it('counts characters as people do', () => {
		expect(jsonSchemaProblems({ maxLength: 1 }, '😀')).toEqual([]);
	});
});

describe('parseJsonSchema', () => {
	it('takes text or an object', () => {
		expect(parseJsonSchema('{"type":"string"}', 'Schema')).toEqual({ type: 'string' });
		expect(parseJsonSchema({ type: 'string' }, 'Schema')).toEqual({ type: 'string' });
	});

	it.each(['{oops', '[]', 5])('refuses %j with a hint', (source) => {
		expect(() => parseJsonSchema(source, 'Schema')).toThrow(
			expect.objectContaining({
				message: `Schema must be a JSON object, received ${JSON.stringify(source)}.`,
				hint: 'Write a JSON Schema such as {"type":"object","properties":{"name":{"type":"string"}}}.',
			}),
		);
	});
});

describe('schemaFromExample', () => {
	it('asks for the same keys and types', () => {
		const example = { name: 'Ada', age: 36, tags: ['a'], none: null, list: [], ok: true };
		expect(schemaFromExample(example)).toEqual({
			type: 'object',
			properties: {
				name: { type: 'string' },
				age: { type: 'number' },
				tags: { type: 'array', items: { type: 'string' } },
				none: {},
				list: { type: 'array' },
				ok: { type: 'boolean' },
			},
			required: ['name', 'age', 'tags', 'none', 'list', 'ok'],
			additionalProperties: false,
		});
	});
});
