import { EngineError, type Runtime, type Timer } from '../core';
import { abortErrorOf, throwIfCancelled } from './call';
import { rateRule, type RateLimit, type RateRule } from './rateRules';

interface Waiter {
	cost: number;
	/** Undefined once it has given up; it is skipped when its turn comes. */
	grant: (() => void) | undefined;
}

/**
 * Spaces calls out so that they keep every given limit, first come, first served. With no limit at
 * all it still keeps the pauses that the other side asks for.
 *
 * @example
 * const limiter = new RateLimiter([{ limit: 60, perMs: 60_000 }], runtime);
 * await limiter.acquire();
 */
export class RateLimiter {
	private readonly rules: readonly RateRule[];
	private throttledUntil = -Infinity;
	private waiters: Waiter[] = [];
	/** Waiters before this one are gone; the array is cut when half of it is spent. */
	private head = 0;
	private live = 0;
	private timer: Timer | undefined;

	constructor(
		limits: readonly RateLimit[],
		private readonly runtime: Pick<Runtime, 'monotonic' | 'setTimer'>,
	) {
		this.rules = limits.map(rateRule);
	}

	/** How many wait. */
	get waiting(): number {
		return this.live;
	}

	/** How much longer the other side wants nobody to start, in milliseconds; see {@link throttle}. */
	get throttledMs(): number {
		return Math.max(0, this.throttledUntil - this.runtime.monotonic());
	}

	/** Milliseconds until a call that asks now could start, if nobody waited before it. */
	waitMs(cost = 1): number {
		const now = this.runtime.monotonic();
		let waitMs = this.throttledMs;
		for (const rule of this.rules) waitMs = Math.max(waitMs, rule.waitMs(cost, now));
		return waitMs;
	}

	/** Takes a turn now, unless it would have to wait. @throws as {@link acquire} does */
	tryAcquire(cost = 1): boolean {
		this.checkCost(cost);
		if (this.isIdle()) return true;
		if (this.live > 0 || this.waitMs(cost) > 0) return false;
		this.take(cost);
		return true;
	}

	/**
	 * Waits for a turn.
	 *
	 * @param cost - what the call counts for, e.g. its tokens
	 * @param signal - gives up at once when it aborts
	 * @throws {EngineError} `RATE_LIMIT_OVERFLOW` when the cost is more than the limit ever allows
	 */
	async acquire(cost = 1, signal?: AbortSignal): Promise<void> {
		throwIfCancelled(signal);
		if (this.tryAcquire(cost)) return;
		await new Promise<void>((resolve, reject) => {
			const waiter: Waiter = { cost, grant: undefined };
			const onAbort = (): void => {
				waiter.grant = undefined;
				this.live--;
				this.serve();
				reject(abortErrorOf(signal!));
			};
			waiter.grant = () => {
				signal?.removeEventListener('abort', onAbort);
				resolve();
			};
			signal?.addEventListener('abort', onAbort, { once: true });
			this.waiters.push(waiter);
			this.live++;
			this.serve();
		});
	}

	/**
	 * Lets nobody start for this long: the other side has asked for it. A shorter pause never ends a
	 * longer one.
	 */
	throttle(ms: number): void {
		this.throttledUntil = Math.max(this.throttledUntil, this.runtime.monotonic() + ms);
	}

	/** Without limits and pauses there is nothing to count. */
	private isIdle(): boolean {
		return this.rules.length === 0 && this.throttledUntil === -Infinity;
	}

	private checkCost(cost: number): void {
		const rule = this.rules.find(({ capacity }) => cost > capacity);
		if (rule === undefined) return;
		throw new EngineError(
			'RATE_LIMIT_OVERFLOW',
			`A call that counts ${cost} can never start under a limit of ${rule.capacity}.`,
			{ errorClass: 'validation', hint: 'Raise the limit or make the call smaller.' },
		);
	}

	private take(cost: number): void {
		const now = this.runtime.monotonic();
		for (const rule of this.rules) rule.take(cost, now);
	}

	/** Lets all start whose turn it is, and comes back for the next. */
	private serve(): void {
		this.timer?.cancel();
		this.timer = undefined;
		for (let waiter = this.first(); waiter !== undefined; waiter = this.first()) {
			const waitMs = this.waitMs(waiter.cost);
			if (waitMs > 0) {
				this.timer = this.runtime.setTimer(waitMs, () => this.serve());
				return;
			}
			this.head++;
			this.live--;
			this.take(waiter.cost);
			waiter.grant!();
		}
	}

	/** The first that still waits. */
	private first(): Waiter | undefined {
		while (this.head < this.waiters.length && this.waiters[this.head]!.grant === undefined) {
			this.head++;
		}
		if (this.head * 2 > this.waiters.length) {
			this.waiters = this.waiters.slice(this.head);
			this.head = 0;
		}
		return this.waiters[this.head];
	}
}
