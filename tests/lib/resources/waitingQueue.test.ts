import * as fc from 'fast-check';

import { FairShares } from '../../../lib/resources/fairShares';
import { Waiting, WaitingQueue, type Lane } from '../../../lib/resources/waitingQueue';

class Item extends Waiting<Item> {
	constructor(
		readonly name: string,
		readonly priorityClass = 1,
		readonly fairnessKey = '',
		readonly group = '',
	) {
		super();
	}
}

const STEP = 100;

/** The whole order at a time, without taking anything out. */
function order(queue: WaitingQueue<Item>, now: number): string[] {
	const names: string[] = [];
	queue.scan(now, ({ name }) => {
		names.push(name);
		return 'next';
	});
	return names;
}

/** Takes all out, first first. */
function serveAll(queue: WaitingQueue<Item>, now: number): string[] {
	const names: string[] = [];
	while (queue.size > 0) {
		queue.scan(now, (item) => {
			names.push(item.name);
			queueNext = item;
			return 'stop';
		});
		queue.serve(queueNext!, now);
	}
	return names;
}
let queueNext: Item | undefined;

function filled(items: Item[], now = 0): WaitingQueue<Item> {
	const queue = new WaitingQueue<Item>(STEP);
	for (const item of items) queue.add(item, now);
	return queue;
}

describe('WaitingQueue', () => {
	it('goes by class, then by arrival', () => {
		const items = [1, 0, 3, 2, 3, 0].map((rank, index) => new Item(`${rank}${index}`, rank));
		const queue = filled(items);
		expect(order(queue, 0)).toEqual(['32', '34', '23', '10', '01', '05']);
		expect(order(queue, 0)).toEqual(['32', '34', '23', '10', '01', '05']);
		expect(serveAll(queue, 0)).toEqual(['32', '34', '23', '10', '01', '05']);
	});

	it('raises what waits by one class for each step, up to the highest', () => {
		const queue = new WaitingQueue<Item>(STEP);
		queue.add(new Item('low', 0), 0);
		queue.add(new Item('normal', 1), 150);
		expect(order(queue, 199)).toEqual(['low', 'normal']);
		queue.add(new Item('high', 2), 199);
		expect(order(queue, 199)).toEqual(['high', 'low', 'normal']);
		expect(order(queue, 200)).toEqual(['low', 'high', 'normal']);
		queue.add(new Item('critical', 3), 299);
		expect(order(queue, 299)).toEqual(['high', 'critical', 'low', 'normal']);
		expect(order(queue, 300)).toEqual(['low', 'high', 'critical', 'normal']);
		queue.add(new Item('late', 3), 900);
		expect(order(queue, 900)).toEqual(['low', 'normal', 'high', 'critical', 'late']);
	});

	it('keeps counting age when the clock is not a whole number', () => {
		const queue = new WaitingQueue<Item>(STEP / 3);
		queue.add(new Item('low', 0), 0.1);
		queue.add(new Item('high', 2), 0.1 + (STEP / 3) * 2);
		expect(order(queue, 0.1 + (STEP / 3) * 2)).toEqual(['low', 'high']);
	});

	it('gives each fairness key its turn, the one served least first', () => {
		const names = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'];
		const queue = filled(names.map((name) => new Item(name, 1, name[0])));
		expect(serveAll(queue, 0)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
	});

	it('counts the turns of a key over all classes', () => {
		const queue = filled([
			new Item('a-high', 2, 'a'),
			new Item('a1', 1, 'a'),
			new Item('b1', 1, 'b'),
			new Item('b2', 1, 'b'),
		]);
		expect(serveAll(queue, 0)).toEqual(['a-high', 'b1', 'a1', 'b2']);
	});

	it('gives each key its turn, in however many groups its work waits', () => {
		const place = fc.record({
			key: fc.integer({ min: 0, max: 5 }),
			group: fc.integer({ min: 0, max: 3 }),
		});
		fc.assert(
			fc.property(fc.array(place, { minLength: 10, maxLength: 40 }), (places) => {
				const items = places.map(
					({ key, group }, index) => new Item(`${index}`, 1, `${key}`, `${group}`),
				);
				const turns = new Map(items.map(({ fairnessKey }) => [fairnessKey, 0]));
				const expected: string[] = [];
				const left = [...items];
				while (left.length > 0) {
					const least = Math.min(...left.map(({ fairnessKey }) => turns.get(fairnessKey)!));
					const at = left.findIndex(({ fairnessKey }) => turns.get(fairnessKey) === least);
					const [{ name, fairnessKey }] = left.splice(at, 1) as [Item];
					turns.set(fairnessKey, least + 1);
					expected.push(name);
				}
				expect(serveAll(filled(items), 0)).toEqual(expected);
			}),
			{ numRuns: 300 },
		);
	});

	it('lets nobody gain by having rested', () => {
		const queue = filled(['a1', 'a2', 'a3', 'a4'].map((name) => new Item(name, 1, 'a')));
		for (let turn = 0; turn < 2; turn++) {
			queue.scan(0, (item) => ((queueNext = item), 'stop'));
			queue.serve(queueNext!, 0);
		}
		for (const name of ['b1', 'b2', 'b3']) queue.add(new Item(name, 1, 'b'), 0);
		expect(serveAll(queue, 0)).toEqual(['b1', 'a3', 'b2', 'a4', 'b3']);
	});

	it('shows what fits less well too, from every lane in its order', () => {
		const queue = filled([
			new Item('n1', 1),
			new Item('h1', 2),
			new Item('n2', 1),
			new Item('h2', 2),
			new Item('g1', 1, '', 'group'),
		]);
		const seen: string[] = [];
		queue.scan(0, ({ name }) => {
			seen.push(name);
			return name === 'n2' ? 'stop' : 'next';
		});
		expect(seen).toEqual(['h1', 'h2', 'n1', 'n2']);
		expect(order(queue, 0)).toEqual(['h1', 'h2', 'n1', 'n2', 'g1']);
	});

	it('leaves a parked lane out until it is unparked', () => {
		const queue = filled([new Item('a', 1, '', 'x'), new Item('b', 1, '', 'x'), new Item('c')]);
		let lane: Lane<Item> | undefined;
		const park = (item: Item): 'park' | 'next' => {
			if (item.group !== 'x') return 'next';
			({ lane } = item);
			return 'park';
		};
		queue.scan(0, park);
		expect(order(queue, 0)).toEqual(['c']);
		expect(queue.size).toBe(3);
		queue.add(new Item('d', 1, '', 'x'), 0);
		expect(order(queue, 0)).toEqual(['c']);
		queue.unpark(lane!, 0);
		queue.unpark(lane!, 0);
		expect(order(queue, 0)).toEqual(['a', 'b', 'c', 'd']);
	});

	it('parks a lane only for its first: those behind may need less', () => {
		const queue = filled([new Item('a'), new Item('b'), new Item('c')]);
		const seen: string[] = [];
		queue.scan(0, ({ name }) => {
			seen.push(name);
			return name === 'a' ? 'next' : 'park';
		});
		expect(seen).toEqual(['a', 'b', 'c']);
		expect(order(queue, 0)).toEqual(['a', 'b', 'c']);
	});

	it('looks at a parked lane again when its first has gone', () => {
		const [a, b] = [new Item('a'), new Item('b')];
		const queue = filled([a, b]);
		queue.scan(0, () => 'park');
		queue.remove(a, 0);
		expect(order(queue, 0)).toEqual(['b']);
		queue.remove(b, 0);
		expect(order(queue, 0)).toEqual([]);
	});

	it('does not bring a lane back that has closed', () => {
		const a = new Item('a');
		const queue = filled([a]);
		const lane = a.lane!;
		queue.remove(a, 0);
		queue.unpark(lane, 0);
		expect(order(queue, 0)).toEqual([]);
		queue.add(new Item('b'), 0);
		queue.unpark(lane, 0);
		expect(order(queue, 0)).toEqual(['b']);
	});

	it('lets anything leave, wherever it stands, once', () => {
		const items = ['a', 'b', 'c', 'd'].map((name) => new Item(name));
		const queue = filled(items);
		for (const [index, left] of [
			[1, ['a', 'c', 'd']],
			[3, ['a', 'c']],
			[0, ['c']],
			[2, []],
		] as const) {
			queue.remove(items[index]!, 0);
			queue.remove(items[index]!, 0);
			expect(order(queue, 0)).toEqual(left);
			expect([...queue].map(({ name }) => name)).toEqual(left);
			expect(queue.size).toBe(left.length);
			expect(items[index]!.lane).toBeUndefined();
		}
	});

	it('keeps raising what has been raised', () => {
		const queue = new WaitingQueue<Item>(STEP);
		queue.add(new Item('normal', 1), 0);
		expect(order(queue, 100)).toEqual(['normal']);
		queue.add(new Item('critical', 3), 190);
		expect(order(queue, 199)).toEqual(['critical', 'normal']);
		expect(order(queue, 200)).toEqual(['normal', 'critical']);
	});

	it('has a first, which is never a parked one', () => {
		const queue = filled([new Item('a', 3, '', 'x'), new Item('b', 0)]);
		expect(queue.first(0)!.name).toBe('a');
		queue.scan(0, ({ group }) => (group === 'x' ? 'park' : 'stop'));
		expect(queue.first(0)!.name).toBe('b');
		expect(filled([]).first(0)).toBeUndefined();
		const aged = new WaitingQueue<Item>(STEP);
		aged.add(new Item('old', 0), 0);
		aged.add(new Item('new', 2), 250);
		expect([aged.first(250)!.name, aged.first(299)!.name]).toEqual(['old', 'old']);
	});

	it('agrees with a plain list over any series of commands', () => {
		const command = fc.oneof(
			fc.record({
				rank: fc.integer({ min: 0, max: 3 }),
				key: fc.constantFrom('', 'a', 'b', 'c'),
				group: fc.constantFrom('', 'g', 'h'),
			}),
			fc.record({ wait: fc.integer({ min: 0, max: 150 }) }),
			fc.record({ leave: fc.nat() }),
			fc.record({ serve: fc.constant(true) }),
			fc.record({ look: fc.constant(true) }),
		);
		fc.assert(
			fc.property(fc.array(command, { maxLength: 100 }), (commands) => {
				const queue = new WaitingQueue<Item>(STEP);
				const model: Item[] = [];
				const served = new Map<string, number>();
				let [now, virtualTime] = [0, 0];
				/** Keys that wait for nothing are remembered only while they are ahead. */
				const forget = (): void => {
					for (const [key, turns] of served) {
						const waits = model.some(({ fairnessKey }) => fairnessKey === key);
						if (!waits && turns <= virtualTime) served.delete(key);
					}
				};
				const sorted = (): Item[] => {
					const classOf = ({ priorityClass, since }: Item): number =>
						Math.min(3, priorityClass + Math.floor((now - since) / STEP));
					const turns = ({ fairnessKey }: Item): number => served.get(fairnessKey)!;
					return [...model].sort(
						(a, b) => classOf(b) - classOf(a) || turns(a) - turns(b) || a.seq - b.seq,
					);
				};
				commands.forEach((each, index) => {
					if ('rank' in each) {
						const item = new Item(`${index}`, each.rank, each.key, each.group);
						queue.add(item, now);
						model.push(item);
						if (!served.has(each.key)) served.set(each.key, virtualTime);
					} else if ('wait' in each) now += each.wait;
					else if ('leave' in each && model.length > 0) {
						queue.remove(model.splice(each.leave % model.length, 1)[0]!, now);
					} else if ('serve' in each && model.length > 0) {
						const [next] = sorted();
						expect(queue.first(now)).toBe(next);
						const turns = served.get(next!.fairnessKey)!;
						virtualTime = Math.max(virtualTime, turns);
						served.set(next!.fairnessKey, turns + 1);
						model.splice(model.indexOf(next!), 1);
						queue.serve(next!, now);
					} else expect(order(queue, now)).toEqual(sorted().map(({ name }) => name));
					forget();
					expect(queue.size).toBe(model.length);
				});
				expect(order(queue, now)).toEqual(sorted().map(({ name }) => name));
			}),
			{ numRuns: 500 },
		);
	});
});

describe('FairShares', () => {
	it('forgets keys once the others have caught up', () => {
		const shares = new FairShares<string>();
		const [a, b] = [shares.join('a', 'lane a'), shares.join('b', 'lane b')];
		shares.serve(a);
		shares.serve(a);
		shares.leave(a, 'lane a');
		expect(shares.size).toBe(2);
		shares.serve(b);
		expect(shares.size).toBe(2);
		shares.serve(b);
		shares.serve(b);
		expect(shares.size).toBe(1);
		expect(shares.join('a', 'lane').served).toBe(2);
	});

	it('remembers a key that comes back before the others have caught up', () => {
		const shares = new FairShares<string>();
		const [a, b] = [shares.join('a', 'x'), shares.join('b', 'y')];
		shares.serve(a);
		shares.serve(a);
		shares.leave(a, 'x');
		expect(shares.join('a', 'x')).toBe(a);
		expect(a.served).toBe(2);
		for (let turn = 0; turn < 5; turn++) shares.serve(b);
		expect(shares.size).toBe(2);
	});

	it('keeps a key as long as one of its lanes waits', () => {
		const shares = new FairShares<string>();
		const share = shares.join('a', 'x');
		expect(shares.join('a', 'y')).toBe(share);
		shares.leave(share, 'x');
		expect(shares.size).toBe(1);
		expect([...share.lanes]).toEqual(['y']);
		shares.leave(share, 'y');
		expect(shares.size).toBe(0);
	});
});
