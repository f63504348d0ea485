import * as fc from 'fast-check';

import { PriorityQueue, type QueueEntry } from '../../../lib/resources/priorityQueue';

interface Item {
	rank: number;
	id: number;
}

const before = (a: Item, b: Item): boolean => (a.rank === b.rank ? a.id < b.id : a.rank < b.rank);

const queue = (...ranks: number[]): PriorityQueue<number> => {
	const made = new PriorityQueue<number>((a, b) => a < b);
	for (const rank of ranks) made.push(rank);
	return made;
};

const drain = <T>(from: PriorityQueue<T>): T[] => {
	const values: T[] = [];
	while (from.size > 0) values.push(from.pop()!);
	return values;
};

describe('PriorityQueue', () => {
	it('gives the first value first', () => {
		const made = queue(5, 1, 4, 2, 3);
		expect(made.peek()).toBe(1);
		expect(made.size).toBe(5);
		expect(drain(made)).toEqual([1, 2, 3, 4, 5]);
	});

	it('has nothing when it is empty', () => {
		expect(queue().peek()).toBeUndefined();
		expect(queue().pop()).toBeUndefined();
		expect(queue().size).toBe(0);
	});

	it('lets any value leave, once', () => {
		const made = queue(1, 2, 3, 5, 6, 7);
		const entry = made.push(4);
		expect(made.remove(entry)).toBe(true);
		expect(entry.index).toBe(-1);
		expect(made.remove(entry)).toBe(false);
		expect(drain(made)).toEqual([1, 2, 3, 5, 6, 7]);
	});

	it('lets the only value leave', () => {
		const made = queue();
		const entry = made.push(1);
		expect(made.remove(entry)).toBe(true);
		expect(made.size).toBe(0);
	});

	it('does not take values out again that were popped', () => {
		const made = queue();
		const entry = made.push(1);
		made.push(2);
		expect(made.pop()).toBe(1);
		expect(made.remove(entry)).toBe(false);
		expect(made.size).toBe(1);
	});

	it('moves a value whose rank has changed, up or down', () => {
		const made = new PriorityQueue<Item>(before);
		const entries = [10, 20, 30, 40, 50].map((rank, id) => made.push({ rank, id }));
		entries[3]!.value.rank = 5;
		made.update(entries[3]!);
		expect(made.peek()!.id).toBe(3);
		entries[3]!.value.rank = 60;
		made.update(entries[3]!);
		expect(drain(made).map(({ id }) => id)).toEqual([0, 1, 2, 4, 3]);
	});

	it('agrees with a sorted list over any series of commands', () => {
		const command = fc.oneof(
			fc.record({ push: fc.integer({ min: 0, max: 20 }) }),
			fc.record({ pop: fc.constant(true) }),
			fc.record({ remove: fc.nat() }),
			fc.record({ update: fc.nat(), to: fc.integer({ min: 0, max: 20 }) }),
		);
		fc.assert(
			fc.property(fc.array(command, { maxLength: 120 }), (commands) => {
				const made = new PriorityQueue<Item>(before);
				let model: Array<QueueEntry<Item>> = [];
				commands.forEach((each, id) => {
					if ('push' in each) model.push(made.push({ rank: each.push, id }));
					else if ('pop' in each) {
						model.sort((a, b) => (before(a.value, b.value) ? -1 : 1));
						expect(made.pop()).toBe(model.shift()?.value);
					} else if (model.length > 0 && 'remove' in each) {
						const [entry] = model.splice(each.remove % model.length, 1);
						expect(made.remove(entry!)).toBe(true);
					} else if (model.length > 0 && 'update' in each) {
						const entry = model[each.update % model.length]!;
						entry.value.rank = each.to;
						made.update(entry);
					}
					expect(made.size).toBe(model.length);
				});
				model = model.sort((a, b) => (before(a.value, b.value) ? -1 : 1));
				expect(drain(made)).toEqual(model.map(({ value }) => value));
			}),
			{ numRuns: 300 },
		);
	});

	it('takes only a few comparisons for each of many values', () => {
		let comparisons = 0;
		const made = new PriorityQueue<number>((a, b) => {
			comparisons++;
			return a < b;
		});
		const entries = Array.from({ length: 4096 }, (_, index) => made.push((index * 7919) % 4096));
		for (let index = 0; index < 4096; index += 2) made.remove(entries[index]!);
		drain(made);
		expect(comparisons / 4096).toBeLessThan(60);
	});
});
