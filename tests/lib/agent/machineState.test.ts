import * as fc from 'fast-check';

import { comparePaths } from '../../../lib/agent/statePath';
import { reducerOf } from '../../../lib/agent/reducers';
import { StateStore } from '../../../lib/agent/stateStore';

const put = (key: string, value: unknown) => ({ key, value });

describe('reducers', () => {
	it.each([
		['last', 1, 2, 2],
		['append', undefined, 1, [1]],
		['append', [1], [2, 3], [1, 2, 3]],
		['sum', undefined, 4, 4],
		['sum', 3, 4, 7],
		['max', undefined, -4, -4],
		['max', 9, 4, 9],
		['merge', undefined, { a: 1 }, { a: 1 }],
		['merge', { a: 1, b: 1 }, { b: 2 }, { a: 1, b: 2 }],
		['union', undefined, ['a', 'a'], ['a']],
		['union', [{ x: 1, y: 2 }], { y: 2, x: 1 }, [{ x: 1, y: 2 }]],
	] as const)('%s: %j and %j give %j', (name, current, value, result) => {
		expect(reducerOf(name)(current, value)).toEqual(result);
	});

	it('may be a function of your own', () => {
		expect(reducerOf((a, b) => `${String(a)}+${String(b)}`)(1, 2)).toBe('1+2');
	});

	it('refuse what they cannot take', () => {
		expect(() => reducerOf('sum')(1, 'x')).toThrow('This reducer takes numbers, received "x".');
		expect(() => reducerOf('merge')({}, [1])).toThrow('This reducer takes objects, received [1].');
		expect(() => reducerOf('toString' as 'sum')).toThrow(
			'There is no reducer "toString"; there are last, append, sum, max, merge, union.',
		);
	});
});

describe('the order of paths', () => {
	it('is that of people', () => {
		const paths = ['chunk_10', 'chunk_2', 'a#2', 'a', 'a#10', 'b', 'chunk_2b', '', '7', 'a1b'];
		expect([...paths].sort(comparePaths)).toEqual([
			'',
			'7',
			'a',
			'a1b',
			'a#2',
			'a#10',
			'b',
			'chunk_2',
			'chunk_2b',
			'chunk_10',
		]);
	});

	it('is an order', () => {
		const path = fc.string({ unit: fc.constantFrom('a', 'b', '1', '2', '#', '_'), maxLength: 6 });
		fc.assert(
			fc.property(path, path, path, (a, b, c) => {
				expect(Math.sign(comparePaths(a, b))).toBe(0 - Math.sign(comparePaths(b, a)));
				if (comparePaths(a, b) < 0 && comparePaths(b, c) < 0) {
					expect(comparePaths(a, c)).toBeLessThan(0);
				}
			}),
		);
	});
});

describe('the state that parts of a run share', () => {
	it('shows each part what those it follows wrote, and nothing parallel', () => {
		const store = new StateStore({ values: { x: 0 } });
		store.commit('start', [], [put('x', 1)], true);
		store.commit('a', ['start'], [put('a', 1)], false);
		store.commit('b', ['start'], [put('b', 1)], false);
		expect(store.viewFor(['start']).keys()).toEqual(['x']);
		expect(store.viewFor(['a']).keys()).toEqual(['x', 'a']);
		expect(store.viewFor(['a', 'b']).keys()).toEqual(['x', 'a', 'b']);
		expect(store.toObject()).toEqual({ x: 1 });
		store.commit('c', ['a', 'b'], [], true);
		expect(store.toObject()).toEqual({ x: 1, a: 1, b: 1 });
	});

	it('hands on what was seen through parts that wrote nothing', () => {
		const store = new StateStore();
		store.commit('a', [], [put('a', 1)], false);
		store.commit('silent', ['a'], [], false);
		expect(store.viewFor(['silent']).get('a')).toBe(1);
		expect(store.viewFor(['other']).has('a')).toBe(false);
	});

	it('applies parallel writes in the order of paths, whatever the timing', () => {
		const logOf = (order: readonly string[]): unknown => {
			const store = new StateStore({ reducers: { log: 'append' } });
			order.forEach((path, index) => {
				store.commit(path, [], [put('log', path)], index === order.length - 1);
			});
			return store.toObject().log;
		};
		expect(logOf(['p10', 'p2', 'p1'])).toEqual(['p1', 'p2', 'p10']);
		expect(logOf(['p1', 'p10', 'p2'])).toEqual(['p1', 'p2', 'p10']);
	});

	it('applies what saw another write after it, whatever the paths', () => {
		const store = new StateStore({ reducers: { log: 'append' } });
		store.commit('z', [], [put('x', 'first'), put('log', 'z')], false);
		store.commit('a', ['z'], [put('x', 'second'), put('log', 'a')], false);
		store.commit('b', [], [put('log', 'b')], true);
		expect(store.toObject()).toEqual({ x: 'second', log: ['b', 'z', 'a'] });
	});

	it('refuses parallel writers of a key without a reducer', () => {
		const store = new StateStore();
		store.commit('a', [], [put('x', 1)], false);
		store.commit('b', [], [put('x', 1)], false);
		const conflict = {
			code: 'STATE_CONFLICT',
			errorClass: 'conflict',
			message: '"a" and "b" ran in parallel and both wrote "x".',
			hint: 'Declare a reducer for "x" (last, append, sum, max, merge, union or your own), or write different keys.',
			details: { key: 'x', paths: ['a', 'b'] },
		};
		expect(() => store.viewFor(['a', 'b'])).toThrow(expect.objectContaining(conflict));
		expect(() => store.commit('c', [], [], true)).toThrow(expect.objectContaining(conflict));
		expect(store.finalState()).toEqual({});
		const declared = new StateStore({ reducers: { x: 'last' } });
		declared.commit('b', [], [put('x', 'b')], false);
		declared.commit('a', [], [put('x', 'a')], true);
		expect(declared.toObject()).toEqual({ x: 'b' });
	});

	it('accepts writers that saw each other', () => {
		const store = new StateStore();
		store.commit('a', [], [put('x', 1)], false);
		store.commit('b', ['a'], [put('x', 2), put('x', 3)], false);
		store.commit('c', ['b'], [put('x', 4)], true);
		expect(store.toObject()).toEqual({ x: 4 });
	});

	it('removes keys, and shows its own writes before they count', () => {
		const store = new StateStore({ values: { x: 1, y: 2 }, reducers: { n: 'sum' } });
		const view = store.viewFor([]);
		view.write({ key: 'x', remove: true });
		view.write(put('n', 2));
		view.write(put('n', 3));
		expect([view.has('x'), view.get('x'), view.get('n'), view.keys()]).toEqual([
			false,
			undefined,
			5,
			['y', 'n'],
		]);
		expect(store.toObject()).toEqual({ x: 1, y: 2 });
		store.commit('a', [], view.writes, true);
		expect(store.toObject()).toEqual({ y: 2, n: 5 });
	});

	it('shows the newest values on request, also those that have not joined', () => {
		const store = new StateStore({ values: { x: 0 } });
		store.commit('b', [], [put('x', 'b')], false);
		store.commit('a', [], [put('x', 'a')], false);
		expect(store.newest().get('x')).toBe('b');
	});

	it('survives being saved in the middle of parallel work', () => {
		const store = new StateStore({ reducers: { log: 'append' } });
		store.commit('start', [], [put('log', 'start')], true);
		store.commit('a', ['start'], [put('log', 'a')], false);
		store.commit('a2', ['a'], [put('log', 'a2')], false);
		const copy = new StateStore({ reducers: { log: 'append' } });
		copy.load(JSON.parse(JSON.stringify(store.save())));
		expect(copy.save()).toEqual(store.save());
		expect(copy.viewFor(['a2']).get('log')).toEqual(['start', 'a', 'a2']);
		expect(copy.viewFor(['start']).get('log')).toEqual(['start']);
		copy.commit('b', ['start'], [put('log', 'b')], true);
		expect(copy.toObject().log).toEqual(['start', 'a', 'b', 'a2']);
		expect(() => copy.load({ values: 1 })).toThrow(/^State of the checkpoint: values: /);
	});

	it('can be saved and loaded when writes that contradict each other were left out', () => {
		const store = new StateStore({ values: { y: 1 } });
		store.commit('a', [], [put('x', 1)], false);
		store.commit('b', [], [put('x', 2)], false);
		expect(store.finalState()).toEqual({ y: 1 });
		const copy = new StateStore();
		copy.load(JSON.parse(JSON.stringify(store.save())));
		expect(copy.finalState()).toEqual({ y: 1 });
		expect(copy.viewFor(['a']).keys()).toEqual(['y']);
	});

	it('does not depend on the order in which parallel parts end', () => {
		const paths = ['p1', 'p2', 'p3', 'p10'];
		fc.assert(
			fc.property(fc.shuffledSubarray(paths, { minLength: 4 }), (order) => {
				const store = new StateStore({ reducers: { list: 'append', total: 'sum' } });
				order.forEach((path, index) => {
					const writes = [put('list', path), put('total', 1), put(path, true)];
					store.commit(path, [], writes, index === order.length - 1);
				});
				const { list, total } = store.toObject();
				expect([list, total]).toEqual([paths, 4]);
			}),
		);
	});
});
