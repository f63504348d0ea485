import { combineResults } from '../../../lib';
import type { Json } from '../../../lib';

const keyed = (...results: Json[]) => results.map((result, n) => ({ key: `t${n}`, result }));

describe('combineResults', () => {
	it('lists results in their order', () => {
		expect(combineResults(keyed(1, 'a', null), 'list')).toEqual({ result: [1, 'a', null] });
	});

	it('merges objects, the later one wins', () => {
		expect(combineResults(keyed({ a: 1, b: 1 }, { b: 2 }), 'merge')).toEqual({
			result: { a: 1, b: 2 },
		});
	});

	it('leaves out fields that would change what objects are', () => {
		const unsafe: Json = JSON.parse('{ "a": 1, "__proto__": 2 }');
		expect(combineResults(keyed(unsafe), 'merge')).toEqual({ result: { a: 1 } });
		expect(combineResults(keyed(unsafe, unsafe), 'sum')).toEqual({ result: { a: 2 } });
	});

	it('adds numbers, or each numeric field', () => {
		expect(combineResults(keyed(1, 2.5), 'sum')).toEqual({ result: 3.5 });
		expect(combineResults(keyed({ n: 1, name: 'x' }, { n: 2, m: 5 }), 'sum')).toEqual({
			result: { n: 3, m: 5 },
		});
	});

	it('takes the most frequent answer, whatever its case, with its share', () => {
		expect(combineResults(keyed('Yes', 'no', ' yes '), 'vote')).toEqual({
			result: 'Yes',
			votes: {
				share: 2 / 3,
				counts: [
					{ value: 'Yes', votes: 2 },
					{ value: 'no', votes: 1 },
				],
			},
		});
	});

	it('counts equal data as equal, and takes the earlier one of a tie', () => {
		expect(combineResults(keyed({ a: 1, b: 2 }, 3, { b: 2, a: 1 }, 3), 'vote').result).toEqual({
			a: 1,
			b: 2,
		});
	});

	it('takes the result with the highest score, the earlier one of equals', () => {
		const results = keyed({ score: 2, v: 'a' }, { score: 9, v: 'b' }, { score: 9, v: 'c' });
		expect(combineResults(results, 'best')).toEqual({
			result: { score: 9, v: 'b' },
			best: { key: 't1', score: 9 },
		});
		expect(combineResults(keyed({ rank: 1 }), 'best', 'rank').best).toEqual({
			key: 't0',
			score: 1,
		});
	});

	it.each([
		['merge', keyed({}, 'x'), 'The result of task "t1" has to be or hold an object'],
		['sum', keyed(1, 'x'), 'The result of task "t1" has to be or hold a number'],
		['sum', keyed({ a: 1 }, 2), 'The result of task "t1" has to be or hold an object'],
		['best', keyed(7), 'The result of task "t0" has to be or hold a number as "score"'],
		['best', keyed({ n: 1 }), 'The result of task "t0" has to be or hold a number as "score"'],
	] as const)('%s names the task whose result does not fit', (mode, results, message) => {
		expect(() => combineResults(results, mode)).toThrow(message);
	});
});
