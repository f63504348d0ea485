import { FairShares, type Share } from './fairShares';
import { PriorityQueue, type QueueEntry } from './priorityQueue';

/** Something that waits. The queue keeps its links in it, so that leaving is O(1). */
export abstract class Waiting<Self> {
	/** Order of arrival. */
	seq = 0;
	/** Monotonic time of arrival, in milliseconds. */
	since = 0;
	/** Where it waits; undefined before and after. */
	lane: Lane<Self> | undefined = undefined;
	previous: Self | undefined = undefined;
	next: Self | undefined = undefined;

	/** 0 low, 1 normal, 2 high, 3 critical. */
	abstract readonly priorityClass: number;
	/** Who it is served for; each gets its turn. Empty when it does not matter. */
	abstract readonly fairnessKey: string;
	/** Things of one group are held back by the same quotas, so they queue behind one another. */
	abstract readonly group: string;
}

/** First come, first served within one class, one fairness key and one group. */
export interface Lane<T> {
	readonly key: LaneKey;
	share: Share<Lane<T>>;
	head: T;
	tail: T;
	/** Who stands for the lane: its head, except while a scan looks further down. */
	cursor: T;
	/** Class of the cursor, grown by its age. */
	effectiveClass: number;
	/** Monotonic time at which the head's class grows; Infinity at the top. */
	promoteAt: number;
	/** Place among the lanes; undefined while parked, or while a scan is through with it. */
	ranked: QueueEntry<Lane<T>> | undefined;
	promotion: QueueEntry<Lane<T>>;
}

/** What a visitor says about one waiting thing: go on, leave out its whole lane, or stop here. */
export type Visit = 'next' | 'park' | 'stop';

/** The class alone when nothing else tells lanes apart: making a text for each arrival costs time. */
type LaneKey = number | string;

const TOP_CLASS = 3;

/** Rounding must not hide a step that `promoteAt` says is reached. */
const EPSILON = 1e-9;

/**
 * Waiting work in the order in which it should start: priority class, which grows by one for each
 * `ageingStepMs` waited up to the highest; then the fairness key served least; then arrival.
 *
 * Everything of one class, fairness key and group is one first-in-first-out lane, so only lanes
 * are ranked: adding, leaving and serving cost O(log lanes), however many wait.
 */
export class WaitingQueue<T extends Waiting<T>> {
	size = 0;

	private seq = 0;
	private readonly shares = new FairShares<Lane<T>>();
	private readonly lanes = new Map<LaneKey, Lane<T>>();
	private readonly ranked = new PriorityQueue<Lane<T>>(ranksBefore);
	private readonly promotions = new PriorityQueue<Lane<T>>((a, b) => a.promoteAt < b.promoteAt);

	constructor(private readonly ageingStepMs: number) {}

	/** Adds to the end of its lane. */
	add(item: T, now: number): void {
		item.seq = this.seq++;
		item.since = now;
		this.size++;
		const key = laneKey(item);
		const lane = this.lanes.get(key);
		if (lane === undefined) {
			this.openLane(key, item, now);
			return;
		}
		item.lane = lane;
		item.previous = lane.tail;
		lane.tail.next = item;
		lane.tail = item;
	}

	/** Takes out something, wherever it stands. */
	remove(item: T, now: number): void {
		const { lane, previous, next } = item;
		if (lane === undefined) return;
		this.size--;
		item.lane = item.previous = item.next = undefined;
		if (next !== undefined) next.previous = previous;
		else if (previous !== undefined) lane.tail = previous;
		if (previous !== undefined) previous.next = next;
		else if (next !== undefined) this.setHead(lane, next, now);
		else this.closeLane(lane);
	}

	/** Takes out something that starts: its fairness key has had a turn. */
	serve(item: T, now: number): void {
		const { share } = item.lane!;
		// All lanes of the key change rank at once, which a heap can only take one by one; with one
		// key, they have all moved alike and the ranks stand.
		const moving = this.shares.size === 1 ? [] : [...share.lanes].filter(isRanked);
		for (const lane of moving) this.unrank(lane);
		this.shares.serve(share);
		this.remove(item, now);
		for (const lane of moving) if (share.lanes.has(lane)) this.rerank(lane, now);
	}

	/** What should start first, parked lanes left out. */
	first(now: number): T | undefined {
		this.promote(now);
		return this.ranked.peek()?.head;
	}

	/** Shows waiting things to a visitor, the one that should start first at first. */
	scan(now: number, visit: (item: T) => Visit): void {
		this.promote(now);
		const advanced: Array<Lane<T>> = [];
		for (let lane = this.ranked.peek(); lane !== undefined; lane = this.ranked.peek()) {
			const atHead = lane.cursor === lane.head;
			const answer = visit(lane.cursor);
			if (answer === 'stop') break;
			if (answer === 'park' && atHead) {
				this.unrank(lane);
				continue;
			}
			if (atHead) advanced.push(lane);
			this.advance(lane, now);
		}
		for (const lane of advanced) this.rerank(lane, now);
	}

	/** Ranks a parked lane again, when what held it back may have gone. */
	unpark(lane: Lane<T>, now: number): void {
		if (lane.ranked === undefined && this.lanes.get(lane.key) === lane) this.rerank(lane, now);
	}

	/** All that wait, lane by lane. */
	*[Symbol.iterator](): IterableIterator<T> {
		for (const { head } of this.lanes.values()) {
			for (let item: T | undefined = head; item !== undefined; item = item.next) yield item;
		}
	}

	private openLane(key: LaneKey, item: T, now: number): void {
		const { priorityClass, fairnessKey } = item;
		const lane = {
			key,
			head: item,
			tail: item,
			cursor: item,
			effectiveClass: priorityClass,
			promoteAt: priorityClass < TOP_CLASS ? now + this.ageingStepMs : Infinity,
		} as Lane<T>;
		item.lane = lane;
		lane.share = this.shares.join(fairnessKey, lane);
		lane.promotion = this.promotions.push(lane);
		lane.ranked = this.ranked.push(lane);
		this.lanes.set(key, lane);
	}

	private closeLane(lane: Lane<T>): void {
		this.lanes.delete(lane.key);
		this.promotions.remove(lane.promotion);
		this.unrank(lane);
		this.shares.leave(lane.share, lane);
	}

	private setHead(lane: Lane<T>, head: T, now: number): void {
		lane.head = head;
		lane.promoteAt = this.nextPromotion(head, now);
		this.promotions.update(lane.promotion);
		this.rerank(lane, now);
	}

	/** Raises the lanes whose heads have waited another step. */
	private promote(now: number): void {
		for (
			let lane = this.promotions.peek();
			lane !== undefined && lane.promoteAt <= now;
			lane = this.promotions.peek()
		) {
			this.setHead(lane, lane.head, now);
		}
	}

	/** Lets the next of the lane stand for it, for the rest of a scan. */
	private advance(lane: Lane<T>, now: number): void {
		const { next } = lane.cursor;
		if (next === undefined) {
			this.unrank(lane);
			return;
		}
		lane.cursor = next;
		lane.effectiveClass = this.classOf(next, now);
		this.ranked.update(lane.ranked!);
	}

	private rerank(lane: Lane<T>, now: number): void {
		lane.cursor = lane.head;
		lane.effectiveClass = this.classOf(lane.head, now);
		if (lane.ranked === undefined) lane.ranked = this.ranked.push(lane);
		else this.ranked.update(lane.ranked);
	}

	private unrank(lane: Lane<T>): void {
		if (lane.ranked !== undefined) this.ranked.remove(lane.ranked);
		lane.ranked = undefined;
	}

	private classOf(item: T, now: number): number {
		const steps = Math.floor((now - item.since) / this.ageingStepMs + EPSILON);
		return Math.min(TOP_CLASS, item.priorityClass + steps);
	}

	private nextPromotion(item: T, now: number): number {
		const { priorityClass } = item;
		const effective = this.classOf(item, now);
		if (effective >= TOP_CLASS) return Infinity;
		return item.since + (effective - priorityClass + 1) * this.ageingStepMs;
	}
}

function laneKey({ priorityClass, fairnessKey, group }: Waiting<unknown>): LaneKey {
	if (fairnessKey === '' && group === '') return priorityClass;
	return `${priorityClass}\n${fairnessKey}\n${group}`;
}

function isRanked({ ranked }: Lane<unknown>): boolean {
	return ranked !== undefined;
}

function ranksBefore<T extends Waiting<T>>(first: Lane<T>, second: Lane<T>): boolean {
	if (first.effectiveClass !== second.effectiveClass) {
		return first.effectiveClass > second.effectiveClass;
	}
	const { served } = first.share;
	if (served !== second.share.served) return served < second.share.served;
	return first.cursor.seq < second.cursor.seq;
}
