/** A value's place in a {@link PriorityQueue}; keep it to remove or re-rank the value later. */
export interface QueueEntry<T> {
	readonly value: T;
	/** Position in the heap; -1 once the value has left. */
	index: number;
}

/**
 * A binary heap whose entries know their place: add, take the first, remove any and re-rank any
 * in O(log n), look at the first in O(1).
 *
 * @param before - whether the first value goes ahead of the second; break ties, or equal values
 * come out in any order
 */
export class PriorityQueue<T> {
	private readonly heap: Array<QueueEntry<T>> = [];

	constructor(private readonly before: (first: T, second: T) => boolean) {}

	get size(): number {
		return this.heap.length;
	}

	/** The first value, which stays. */
	peek(): T | undefined {
		return this.heap[0]?.value;
	}

	push(value: T): QueueEntry<T> {
		const entry = { value, index: this.heap.length };
		this.heap.push(entry);
		this.up(entry);
		return entry;
	}

	/** Takes the first value out. */
	pop(): T | undefined {
		const first = this.heap[0];
		if (first === undefined) return undefined;
		this.remove(first);
		return first.value;
	}

	/** Takes a value out, wherever it is. @returns false when it had left already */
	remove(entry: QueueEntry<T>): boolean {
		const { index } = entry;
		if (index < 0) return false;
		entry.index = -1;
		const last = this.heap.pop()!;
		if (last !== entry) {
			this.place(last, index);
			this.update(last);
		}
		return true;
	}

	/** Moves a value to its place after its rank has changed. */
	update(entry: QueueEntry<T>): void {
		this.up(entry);
		this.down(entry);
	}

	private up(entry: QueueEntry<T>): void {
		while (entry.index > 0) {
			const parentIndex = (entry.index - 1) >> 1;
			const parent = this.heap[parentIndex]!;
			if (!this.before(entry.value, parent.value)) return;
			this.place(parent, entry.index);
			this.place(entry, parentIndex);
		}
	}

	private down(entry: QueueEntry<T>): void {
		for (;;) {
			const left = this.heap[2 * entry.index + 1];
			if (left === undefined) return;
			const right = this.heap[left.index + 1];
			const child = right !== undefined && this.before(right.value, left.value) ? right : left;
			if (!this.before(child.value, entry.value)) return;
			const childIndex = child.index;
			this.place(child, entry.index);
			this.place(entry, childIndex);
		}
	}

	private place(entry: QueueEntry<T>, index: number): void {
		this.heap[index] = entry;
		entry.index = index;
	}
}
