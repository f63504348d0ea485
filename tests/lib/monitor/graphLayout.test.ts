import * as fc from 'fast-check';

import { layoutGraph, type LayoutStep } from '../../../lib/monitor/graphLayout';

/** Steps that lead only to later ones. */
const acyclic = fc
	.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 60 })
	.map((lists): LayoutStep[] =>
		lists.map((before, index) => ({
			path: `s${index}`,
			after: index === 0 ? [] : before.map((one) => `s${one % index}`),
		})),
	);

describe('layoutGraph', () => {
	it('puts every step right of all that lead to it, each in a place of its own', () => {
		fc.assert(
			fc.property(acyclic, fc.integer({ min: 1, max: 20 }), (steps, maxRows) => {
				const { places, edges, columns, rows } = layoutGraph(steps, maxRows);
				for (const [from, to] of edges) {
					expect(places[from]!.column).toBeLessThan(places[to]!.column);
				}
				expect(new Set(places.map(({ column, row }) => `${column} ${row}`)).size).toBe(
					steps.length,
				);
				expect(places.map(({ path }) => path)).toEqual(steps.map(({ path }) => path));
				expect(Math.max(...places.map(({ column }) => column))).toBe(columns - 1);
				expect(rows).toBeLessThanOrEqual(maxRows);
			}),
		);
	});

	it('places the steps of a loop, and those that only a loop leads to', () => {
		const { places, edges } = layoutGraph(
			[
				{ path: 'start', after: [] },
				{ path: 'try', after: ['start', 'check'] },
				{ path: 'check', after: ['try'] },
				{ path: 'end', after: ['check'] },
			],
			10,
		);
		expect(places.map(({ column }) => column)).toEqual([0, 1, 2, 3]);
		expect(edges).toContainEqual([2, 1]);
	});

	it('leaves out what leads nowhere: unknown steps, a step itself, a second line', () => {
		const { edges } = layoutGraph(
			[
				{ path: 'a', after: ['gone', 'a'] },
				{ path: 'b', after: ['a', 'a'] },
			],
			10,
		);
		expect(edges).toEqual([[0, 1]]);
	});

	it('goes on in further columns when one is full', () => {
		const leaves = Array.from({ length: 7 }, (_, at) => ({ path: `l${at}`, after: ['root'] }));
		const { places, columns } = layoutGraph([{ path: 'root', after: [] }, ...leaves], 3);
		expect(columns).toBe(4);
		expect(places.slice(1).map(({ column }) => column)).toEqual([1, 1, 1, 2, 2, 2, 3]);
	});

	it('draws steps near those they belong to, so that few lines cross', () => {
		const { places } = layoutGraph(
			[
				{ path: 'a', after: [] },
				{ path: 'b', after: [] },
				{ path: 'after b', after: ['b'] },
				{ path: 'after a', after: ['a'] },
			],
			10,
		);
		const row = (path: string) => places.find((place) => place.path === path)!.row;
		expect(row('a') < row('b')).toBe(row('after a') < row('after b'));
	});

	it('makes a picture of no steps at all', () => {
		expect(layoutGraph([], 10)).toEqual({ places: [], edges: [], columns: 0, rows: 1 });
	});
});
