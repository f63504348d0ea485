import type { Runtime, Timer } from './runtime';
import { EngineError } from './errors';

export interface VirtualRuntimeOptions {
	/** Decides every random number and, with `shuffle`, every order. Default 1. */
	seed?: number;
	/** Wall-clock time at the beginning, in milliseconds since the epoch. Default 2030-01-01. */
	startAt?: number;
	/** Whether timers that are due at the same time fire in seeded random order. Default: as set. */
	shuffle?: boolean;
	/** How many microtasks may follow one another between two timers. Default 50. */
	drainRounds?: number;
}

/** So often nothing may happen until a promise counts as stuck. */
const IDLE_DRAINS = 50;

const DEFAULT_START = Date.UTC(2030, 0, 1);

interface Entry {
	at: number;
	/** Decides between timers of the same time. */
	tie: number;
	seq: number;
	/** Undefined once it has fired or was cancelled. */
	callback: (() => void) | undefined;
}

/**
 * A {@link Runtime} in which time stands still until it is moved, and chance comes from a seed.
 *
 * A run under it gives the same result every time, and a week of waiting passes in microseconds.
 * For tests and simulations.
 */
export class VirtualRuntime implements Runtime {
	/** What was asked for by `sleep`, in milliseconds, in that order. */
	readonly slept: number[] = [];
	/** Numbers in [0, 1), decided by the seed. */
	readonly random: () => number;

	private readonly startAt: number;
	private readonly shuffle: boolean;
	private readonly drainRounds: number;
	private readonly timers: Entry[] = [];
	private elapsed = 0;
	private ids = 0;
	private seq = 0;
	private live = 0;

	constructor(options: VirtualRuntimeOptions = {}) {
		const { seed = 1, startAt = DEFAULT_START, shuffle = false, drainRounds = 50 } = options;
		this.random = seededRandom(seed);
		this.startAt = startAt;
		this.shuffle = shuffle;
		this.drainRounds = drainRounds;
	}

	now(): number {
		return this.startAt + this.elapsed;
	}

	monotonic(): number {
		return this.elapsed;
	}

	newId(): string {
		return `id-${++this.ids}`;
	}

	/** Timers that are set and have neither fired nor been cancelled. */
	get pendingTimers(): number {
		return this.live;
	}

	setTimer(ms: number, callback: () => void): Timer {
		const entry: Entry = {
			at: this.elapsed + Math.max(0, ms),
			tie: this.shuffle ? this.random() : 0,
			seq: this.seq++,
			callback,
		};
		this.live++;
		this.push(entry);
		return {
			cancel: () => {
				if (entry.callback === undefined) return;
				entry.callback = undefined;
				this.live--;
			},
		};
	}

	async sleep(ms: number, signal?: AbortSignal): Promise<void> {
		this.slept.push(ms);
		if (signal?.aborted === true) return await Promise.reject(reasonOf(signal));
		if (ms <= 0) return;
		await new Promise<void>((resolve, reject) => {
			const onAbort = (): void => {
				timer.cancel();
				reject(reasonOf(signal!));
			};
			const timer = this.setTimer(ms, () => {
				signal?.removeEventListener('abort', onAbort);
				resolve();
			});
			signal?.addEventListener('abort', onAbort, { once: true });
		});
	}

	/** Lets everything run that does not wait for time. */
	async drain(): Promise<void> {
		for (let round = 0; round < this.drainRounds; round++) await Promise.resolve();
	}

	/**
	 * Moves time to the next timer and fires it, without draining.
	 *
	 * @returns false when there is none
	 */
	fireNext(): boolean {
		const entry = this.pop();
		if (entry === undefined) return false;
		this.elapsed = entry.at;
		const callback = entry.callback!;
		entry.callback = undefined;
		this.live--;
		callback();
		return true;
	}

	/** Lets `ms` milliseconds pass, firing every timer on the way. */
	async advance(ms: number): Promise<void> {
		const end = this.elapsed + ms;
		await this.drain();
		while (this.peek() !== undefined && this.peek()!.at <= end) {
			this.fireNext();
			await this.drain();
		}
		this.elapsed = end;
	}

	/**
	 * Lets time pass until a promise settles.
	 *
	 * @throws {EngineError} code `STUCK` when it never will: no timer is left that could wake anything
	 */
	async until<Value>(promise: Promise<Value>): Promise<Value> {
		let settled = false;
		const settle = (): void => {
			settled = true;
		};
		promise.then(settle, settle);
		await this.drain();
		// Long chains of microtasks may need more rounds before the next timer is set.
		for (let idle = 0; !settled && idle < IDLE_DRAINS; idle++) {
			if (this.fireNext()) idle = 0;
			await this.drain();
		}
		if (settled) return await promise;
		throw new EngineError('STUCK', 'The promise is pending and no timer is left to wake anything.');
	}

	/** Forgets all timers, as if the process had died. */
	crash(): void {
		for (const entry of this.timers) entry.callback = undefined;
		this.timers.length = 0;
		this.live = 0;
	}

	private peek(): Entry | undefined {
		while (this.timers.length > 0 && this.timers[0]!.callback === undefined) this.removeTop();
		return this.timers[0];
	}

	private pop(): Entry | undefined {
		const top = this.peek();
		if (top !== undefined) this.removeTop();
		return top;
	}

	/** Binary heap, earliest first. */
	private push(entry: Entry): void {
		const heap = this.timers;
		let index = heap.length;
		while (index > 0) {
			const parent = (index - 1) >> 1;
			if (!isBefore(entry, heap[parent]!)) break;
			heap[index] = heap[parent]!;
			index = parent;
		}
		heap[index] = entry;
	}

	private removeTop(): void {
		const heap = this.timers;
		const last = heap.pop()!;
		const size = heap.length;
		if (size === 0) return;
		let index = 0;
		for (;;) {
			let child = 2 * index + 1;
			if (child >= size) break;
			if (child + 1 < size && isBefore(heap[child + 1]!, heap[child]!)) child++;
			if (!isBefore(heap[child]!, last)) break;
			heap[index] = heap[child]!;
			index = child;
		}
		heap[index] = last;
	}
}

function isBefore(first: Entry, second: Entry): boolean {
	if (first.at !== second.at) return first.at < second.at;
	if (first.tie !== second.tie) return first.tie < second.tie;
	return first.seq < second.seq;
}

/** What a signal was aborted with. Anything may be thrown by its owner; callers expect errors. */
function reasonOf(signal: AbortSignal): Error {
	return signal.reason as Error;
}

/**
 * A small random number generator (mulberry32): the same seed gives the same numbers in [0, 1).
 * Not for secrets.
 */
export function seededRandom(seed: number): () => number {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}
