import fc from 'fast-check';

import { differenceOf } from '../../../lib/human/difference';
import { textDifference } from '../../../lib/human/textDifference';
import type { LineChange } from '../../../lib/human/textDifference';

/** The text after, made from the text before and the changes. */
function patched(before: string, changes: readonly LineChange[]): string {
	const lines: Array<string | undefined> = before.split('\n');
	const added = new Map<number, string[]>();
	for (const { line, from, to } of changes) {
		const count = from === undefined ? 0 : from.split('\n').length;
		for (let i = 0; i < count; i++) lines[line - 1 + i] = undefined;
		if (to !== undefined) added.set(line - 1, to.split('\n'));
	}
	const after: string[] = [];
	for (let i = 0; i <= lines.length; i++) {
		after.push(...(added.get(i) ?? []));
		const line = lines[i];
		if (line !== undefined) after.push(line);
	}
	return after.join('\n');
}

describe('the difference between two versions of the data', () => {
	it('names what was changed, added and removed by its path', () => {
		const before = { a: 1, b: { c: [1, 2, 3] }, d: 'x' };
		const after = { a: 2, b: { c: [1, 5] }, e: null };
		expect(differenceOf(before, after)).toEqual([
			{ path: 'a', from: 1, to: 2 },
			{ path: 'b.c[1]', from: 2, to: 5 },
			{ path: 'b.c[2]', from: 3 },
			{ path: 'd', from: 'x' },
			{ path: 'e', to: null },
		]);
	});

	it('is empty for equal data', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (value) => {
				const data = JSON.parse(JSON.stringify(value)) as never;
				expect(differenceOf(data, structuredClone(data))).toEqual([]);
			}),
		);
	});

	it('is not empty when one entry anywhere is another', () => {
		fc.assert(
			fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.nat(), (list, at) => {
				const changed = list.map((entry, index) =>
					index === at % list.length ? entry + 1 : entry,
				);
				expect(differenceOf({ list }, { list: changed })).toHaveLength(1);
			}),
		);
	});

	it('of other things is the whole of both', () => {
		expect(differenceOf('Good', 'Better')).toEqual([{ path: '', from: 'Good', to: 'Better' }]);
		expect(differenceOf([1], { a: 1 })).toEqual([{ path: '', from: [1], to: { a: 1 } }]);
	});

	it('of texts with several lines names the lines', () => {
		const before = 'Dear customer,\nthe tram opens in 2013.\n\nYours';
		const after = 'Dear customer,\nthe tram opens in 2031.\nTickets cost 2 EUR.\n\nYours';
		expect(differenceOf({ letter: before }, { letter: after })).toEqual([
			{
				path: 'letter, line 2',
				from: 'the tram opens in 2013.',
				to: 'the tram opens in 2031.\nTickets cost 2 EUR.',
			},
		]);
		expect(differenceOf('a\nb\nc', 'a\nc')).toEqual([{ path: 'line 2', from: 'b' }]);
		expect(differenceOf('a\nc', 'a\nb\nc')).toEqual([{ path: 'line 2', to: 'b' }]);
	});

	it('of texts is enough to make the one from the other, and nothing for equal ones', () => {
		const text = fc
			.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
			.map((lines) => lines.join('\n'));
		fc.assert(
			fc.property(text, text, (before, after) => {
				const changes = textDifference(before, after);
				expect(patched(before, changes)).toBe(after);
				expect(changes.length === 0).toBe(before === after);
			}),
			{ numRuns: 2000 },
		);
	});

	it('of very long texts is what lies between their equal ends', () => {
		const lines = (from: number) => Array.from({ length: 3000 }, (_, i) => `${from + i}`);
		const before = ['same', ...lines(0), 'end'].join('\n');
		const after = ['same', ...lines(5000), 'end'].join('\n');
		expect(textDifference(before, after)).toEqual([
			{ line: 2, from: lines(0).join('\n'), to: lines(5000).join('\n') },
		]);
	});
});
