import fc from 'fast-check';

import { applyChanges, diff, type Json } from '../../../lib';

const copy = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json;
const json = fc
	.jsonValue()
	.map((value) => JSON.parse(JSON.stringify(value)) as Json)
	.filter((value) => !JSON.stringify(value).includes('proto'));

describe('delta', () => {
	it('makes any value into any other', () => {
		fc.assert(
			fc.property(json, json, (before, after) => {
				expect(applyChanges(copy(before), diff(before, after))).toEqual(after);
			}),
			{ numRuns: 1000 },
		);
	});

	it('has nothing to say about equal values', () => {
		fc.assert(fc.property(json, (value) => expect(diff(value, copy(value))).toEqual([])));
	});

	it('costs what was added, not what is there', () => {
		const before = { log: Array.from({ length: 1000 }, (_, n) => ({ n })), text: 'a'.repeat(5000) };
		const after = { log: [...before.log, { n: 1000 }], text: `${before.text}b` };
		expect(diff(before, after)).toEqual([
			{ op: 'append', path: ['log'], values: [{ n: 1000 }] },
			{ op: 'concat', path: ['text'], text: 'b' },
		]);
	});

	it('names the place of a small change deep inside', () => {
		expect(diff({ a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 1 }, { b: 3 }] })).toEqual([
			{ op: 'set', path: ['a', 1, 'b'], value: 3 },
		]);
	});

	it.each([
		{ op: 'append' as const, path: ['missing'], values: [1] },
		{ op: 'concat' as const, path: ['n'], text: 'x' },
		{ op: 'set' as const, path: ['n', 'deeper'], value: 1 },
		{ op: 'set' as const, path: ['__proto__', 'polluted'], value: 1 },
		{ op: 'set' as const, path: ['__proto__'], value: 1 },
	])('refuses a change that does not fit: $op at $path', (change) => {
		expect(() => applyChanges({ n: 1 }, [change])).toThrow(/does not fit/);
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	});
});
