import * as fc from 'fast-check';

import { canonicalJson, isJsonObject, isSafeKey, parseJson, toJson } from '../../../lib/core/json';

describe('isSafeKey', () => {
	it('refuses keys that could reach a prototype', () => {
		expect(['__proto__', 'constructor', 'prototype'].map(isSafeKey)).toEqual([false, false, false]);
		expect(['', 'proto', 'toString', '__proto'].every(isSafeKey)).toBe(true);
	});
});

describe('isJsonObject', () => {
	it('is for objects alone', () => {
		expect([{}, { a: 1 }, Object.create(null)].map(isJsonObject)).toEqual([true, true, true]);
		expect([null, undefined, [], 'text', 5, true].some(isJsonObject)).toBe(false);
	});
});

describe('parseJson', () => {
	it('reads JSON', () => {
		expect(parseJson('{"a":[1,null,"x",{"b":false}]}')).toEqual({
			a: [1, null, 'x', { b: false }],
		});
	});

	it('drops keys that could reach a prototype, at any depth', () => {
		const parsed = parseJson('{"__proto__":{"polluted":1},"a":[{"constructor":2,"b":3}]}');
		expect(parsed).toEqual({ a: [{ b: 3 }] });
		expect(Object.keys(parsed as object)).toEqual(['a']);
		expect(({} as { polluted?: number }).polluted).toBeUndefined();
	});

	it('throws for what is not JSON', () => {
		expect(() => parseJson('{')).toThrow(SyntaxError);
	});
});

describe('toJson', () => {
	it('gives what a store would give back', () => {
		const date = new Date(0);
		expect(toJson({ date, none: undefined, list: [undefined, () => 1], nan: NaN })).toEqual({
			date: '1970-01-01T00:00:00.000Z',
			list: [null, null],
			nan: null,
		});
	});

	it('is null for what has no JSON', () => {
		expect(toJson(undefined)).toBeNull();
		expect(toJson(() => 1)).toBeNull();
		expect(toJson(Symbol('x'))).toBeNull();
	});

	it('is a copy', () => {
		const value = { a: [1] };
		const copy = toJson(value);
		value.a.push(2);
		expect(copy).toEqual({ a: [1] });
	});

	it('throws for cycles and big integers', () => {
		const cycle: Record<string, unknown> = {};
		cycle.self = cycle;
		expect(() => toJson(cycle)).toThrow(TypeError);
		expect(() => toJson(1n)).toThrow(TypeError);
	});
});

describe('canonicalJson', () => {
	it('sorts keys at every depth, and keeps the order of lists', () => {
		expect(canonicalJson({ b: [{ d: 1, c: 2 }, 1], a: null })).toBe(
			'{"a":null,"b":[{"c":2,"d":1},1]}',
		);
	});

	it('keeps a key named like the prototype', () => {
		const value = JSON.parse('{"z":1,"__proto__":{"b":1,"a":2}}') as unknown;
		expect(canonicalJson(value)).toBe('{"__proto__":{"a":2,"b":1},"z":1}');
	});

	it('gives equal text for equal data, and reads back as the same data', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				const text = canonicalJson(value);
				expect(canonicalJson(JSON.parse(text))).toBe(text);
				expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
			}),
		);
	});

	it('does not depend on the order of keys', () => {
		fc.assert(
			fc.property(fc.dictionary(fc.string(), fc.integer()), (value) => {
				const reversed = Object.fromEntries(Object.entries(value).reverse());
				expect(canonicalJson(reversed)).toBe(canonicalJson(value));
			}),
		);
	});
});
