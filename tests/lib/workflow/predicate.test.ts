import * as fc from 'fast-check';

import { holds, parse, predicateSchema, type JsonObject, type Predicate } from '../../../lib';
import { errorOf } from './errorOf';

const scope: JsonObject = {
	n: 5,
	text: 'hello',
	list: [1, 'two', { a: 1, b: 2 }],
	object: { key: 1 },
	nothing: null,
	zero: 0,
	no: false,
	blank: '',
	none: [],
	bare: {},
};

const read = (value: unknown): Predicate => parse(predicateSchema, value, 'Condition');

describe('holds', () => {
	it.each<[string, string, unknown, boolean]>([
		['n', 'eq', 5, true],
		['n', 'eq', '5', false],
		['list[2]', 'eq', { b: 2, a: 1 }, true],
		['nothing', 'eq', null, true],
		['missing', 'eq', null, false],
		['n', 'ne', 5, false],
		['n', 'ne', 6, true],
		['missing', 'ne', 1, true],
		['n', 'gt', 4, true],
		['n', 'gt', 5, false],
		['n', 'gte', 5, true],
		['n', 'gte', 5.1, false],
		['n', 'lt', 6, true],
		['n', 'lt', 5, false],
		['n', 'lte', 5, true],
		['n', 'lte', 4.9, false],
		['text', 'gt', 'hellm', true],
		['text', 'gte', 'hello', true],
		['text', 'gt', 'hello', false],
		['text', 'lt', 'hello', false],
		['text', 'lt', 'help', true],
		['text', 'lte', 'hello', true],
		['text', 'gt', 'help', false],
		['n', 'in', [1, 5], true],
		['n', 'in', [1, 2], false],
		['missing', 'in', [null], false],
		['n', 'notIn', [1, 2], true],
		['n', 'notIn', [1, 5], false],
		['list', 'contains', 'two', true],
		['list', 'contains', { a: 1, b: 2 }, true],
		['list', 'contains', 'three', false],
		['text', 'contains', 'ell', true],
		['text', 'contains', 'elx', false],
		['object', 'contains', 'key', true],
		['object', 'contains', 'toString', false],
		['text', 'notContains', 'ell', false],
		['text', 'notContains', 'elx', true],
		['text', 'startsWith', 'he', true],
		['text', 'startsWith', 'el', false],
		['text', 'endsWith', 'lo', true],
		['text', 'endsWith', 'll', false],
	])('%s %s %j is %s', (path, op, value, expected) => {
		const warnings: string[] = [];
		expect(holds(read({ path, op, value }), scope, (text) => warnings.push(text))).toBe(expected);
		expect(warnings).toEqual([]);
	});

	it.each<[string, string, boolean]>([
		['nothing', 'exists', true],
		['missing', 'exists', false],
		['nothing', 'notExists', false],
		['missing', 'notExists', true],
		['missing', 'empty', true],
		['nothing', 'empty', true],
		['blank', 'empty', true],
		['none', 'empty', true],
		['bare', 'empty', true],
		['zero', 'empty', false],
		['no', 'empty', false],
		['text', 'empty', false],
		['list', 'empty', false],
		['object', 'empty', false],
		['text', 'notEmpty', true],
		['blank', 'notEmpty', false],
		['n', 'truthy', true],
		['none', 'truthy', true],
		['zero', 'truthy', false],
		['missing', 'truthy', false],
		['zero', 'falsy', true],
		['n', 'falsy', false],
	])('%s %s is %s', (path, op, expected) => {
		expect(holds(read({ path, op }), scope)).toBe(expected);
	});

	it('combines with all, any and not', () => {
		const yes = { path: 'n', op: 'eq', value: 5 };
		const no = { path: 'n', op: 'eq', value: 6 };
		expect(holds(read({ all: [yes, yes] }), scope)).toBe(true);
		expect(holds(read({ all: [yes, no] }), scope)).toBe(false);
		expect(holds(read({ all: [] }), scope)).toBe(true);
		expect(holds(read({ any: [no, yes] }), scope)).toBe(true);
		expect(holds(read({ any: [no, no] }), scope)).toBe(false);
		expect(holds(read({ any: [] }), scope)).toBe(false);
		expect(holds(read({ not: no }), scope)).toBe(true);
		expect(holds(read({ not: { all: [yes, { not: no }] } }), scope)).toBe(false);
		expect(holds(read(true), scope)).toBe(true);
		expect(holds(read(false), scope)).toBe(false);
	});

	it.each<[string, string, unknown, string]>([
		['missing', 'gt', 1, 'gt does not compare nothing with 1'],
		['text', 'gte', 1, 'gte does not compare a string with 1'],
		['n', 'lt', 'a', 'lt does not compare a number with "a"'],
		['nothing', 'lte', 1, 'lte does not compare null with 1'],
		['list', 'startsWith', 'a', 'startsWith does not compare a list with "a"'],
		['object', 'endsWith', 'a', 'endsWith does not compare an object with "a"'],
		['no', 'contains', 'a', 'contains does not compare a boolean with "a"'],
		['object', 'contains', 1, 'contains does not compare an object with 1'],
		['text', 'notContains', 1, 'contains does not compare a string with 1'],
	])('is false with a warning when %s %s %j makes no sense', (path, op, value, why) => {
		const warnings: string[] = [];
		const predicate = { any: [{ not: { path, op, value } }, true] };
		expect(holds(read(predicate), scope, (text) => warnings.push(text))).toBe(false);
		expect(holds(read(predicate), scope)).toBe(false);
		expect(warnings).toEqual([`The condition on "${path}" cannot be decided: ${why}.`]);
	});

	it('does not throw on predicates nobody has checked', () => {
		const warnings: string[] = [];
		const broken = { path: 'n', op: 'in', value: 3 } as Predicate;
		expect(holds(broken, scope, (text) => warnings.push(text))).toBe(false);
		expect(warnings).toEqual([
			'The condition on "n" cannot be decided: in does not compare a number with 3.',
		]);
		expect(holds({ path: '((', op: 'exists' }, scope)).toBe(false);
	});

	it('orders like the numbers and texts themselves', () => {
		const pair = fc.oneof(
			fc.tuple(fc.double({ noNaN: true }), fc.double({ noNaN: true })),
			fc.tuple(fc.string(), fc.string()),
		);
		fc.assert(
			fc.property(pair, ([a, value]) => {
				const is = (op: string) => holds({ path: 'a', op, value } as Predicate, { a });
				expect(is('gt')).toBe(a > value);
				expect(is('gte')).toBe(a >= value);
				expect(is('lt')).toBe(a < value);
				expect(is('lte')).toBe(a <= value);
			}),
		);
	});
});

describe('predicateSchema', () => {
	it('accepts the snake case of the documents and keeps what it read', () => {
		expect(read({ path: 'n', op: 'not_in', value: [1] })).toEqual({
			path: 'n',
			op: 'notIn',
			value: [1],
		});
		expect(read({ any: [{ path: 'a', op: 'starts_with', value: 'b' }, { not: true }] })).toEqual({
			any: [{ path: 'a', op: 'startsWith', value: 'b' }, { not: true }],
		});
	});

	const OPS =
		'eq, ne, gt, gte, lt, lte, in, notIn, contains, notContains, startsWith, endsWith, exists, notExists, empty, notEmpty, truthy, falsy';

	it.each<[unknown, string]>([
		[{ path: 'a b', op: 'exists' }, 'path: "a b" is not a path: it stops at " b"., received "a b"'],
		[
			{ path: 'a', op: 'contain', value: 1 },
			`op: must be one of ${OPS} (did you mean "contains"?), received "contain"`,
		],
		[{ path: 'a' }, `op: must be one of ${OPS}, received nothing`],
		[{ path: 'a', op: 'eq' }, 'value: must be given for this op, received nothing'],
		[{ path: 'a', op: 'in', value: 1 }, 'value: must be a list for in and notIn, received 1'],
		[
			{ path: 'a', op: 'not_in', value: 'x' },
			'value: must be a list for in and notIn, received "x"',
		],
		['yes', 'must be {path, op, value}, {all}, {any} or {not}, received "yes"'],
		[
			{ all: [true, { not: null }] },
			'all[1].not: must be {path, op, value}, {all}, {any} or {not}, received null',
		],
	])('refuses %j', (value, message) => {
		expect(errorOf(() => read(value)).message).toBe(`Condition: ${message}.`);
	});

	it.each<[unknown]>([
		[{ path: 'a', op: 'exists', value: 1 }],
		[{ path: 'a', op: 'eq', value: 1, other: 1 }],
		[{ all: [], any: [] }],
		[{ any: [], other: 1 }],
		[{ not: true, other: 1 }],
	])('refuses what does not belong: %j', (value) => {
		expect(errorOf(() => read(value)).message).toContain('is not a known field');
	});

	it('refuses predicates nested so deep that reading them is a danger', () => {
		const nested = (levels: number): unknown => (levels === 0 ? true : { not: nested(levels - 1) });
		expect(read(nested(32))).toEqual(nested(32));
		expect(errorOf(() => read(nested(33))).message).toContain('is nested more than 32 levels deep');
		expect(errorOf(() => read(nested(3000))).message).toContain('is nested more than 32 levels');
	});
});
