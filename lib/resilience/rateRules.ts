import { z } from 'zod';

import { parse } from '../core';

/** How many calls (or tokens, or any other cost) may start in a time. Plain data. */
export interface RateLimit {
	/**
	 * `token_bucket` (default): a steady rate with bursts; `sliding_window`: never more than `limit`
	 * in any window of `perMs`, as most services count.
	 */
	algorithm?: 'token_bucket' | 'sliding_window';
	/** Cost that may start per `perMs`. */
	limit: number;
	/** Length of the window, in milliseconds. */
	perMs: number;
	/** Token bucket only: the most that may start at once after a rest. Default: `limit`. */
	burst?: number;
}

const schema = z
	.object({
		algorithm: z.enum(['token_bucket', 'sliding_window']).default('token_bucket'),
		limit: z.number().min(1).finite(),
		perMs: z.number().positive().finite(),
		burst: z.number().min(1).finite().optional(),
	})
	.strict();

/** The arithmetic of one limit. Knows no clock: every call says what time it is. */
export interface RateRule {
	/** The largest cost that can ever be granted. */
	readonly capacity: number;
	/** Milliseconds until `cost` may be taken; 0 when it may be taken now. */
	waitMs(cost: number, now: number): number;
	/** Takes `cost`; call only when `waitMs` is 0. */
	take(cost: number, now: number): void;
}

/** Makes the arithmetic for a limit. @throws {ValidationError} naming each wrong option */
export function rateRule(options: RateLimit): RateRule {
	const limit = parse(schema, options, 'Rate limit');
	return limit.algorithm === 'token_bucket' ? new TokenBucket(limit) : new SlidingWindow(limit);
}

/** Fractions of a token are lost in the arithmetic of refilling; this much is not missed. */
const EPSILON = 1e-6;

/**
 * Tokens flow in at a steady rate up to a burst; each call takes its cost.
 *
 * @see Turner, "New directions in communications", IEEE Communications Magazine, 1986
 */
class TokenBucket implements RateRule {
	readonly capacity: number;
	private readonly perMs: number;
	private tokens: number;
	private updatedAt: number | undefined;

	constructor(limit: RateLimit) {
		this.capacity = limit.burst ?? limit.limit;
		this.perMs = limit.limit / limit.perMs;
		this.tokens = this.capacity;
	}

	waitMs(cost: number, now: number): number {
		this.refill(now);
		const missing = cost - this.tokens;
		return missing <= EPSILON ? 0 : Math.ceil(missing / this.perMs);
	}

	take(cost: number, now: number): void {
		this.refill(now);
		this.tokens -= cost;
	}

	private refill(now: number): void {
		const elapsed = now - (this.updatedAt ?? now);
		this.tokens = Math.min(this.capacity, this.tokens + elapsed * this.perMs);
		this.updatedAt = now;
	}
}

/** Remembers what started when; exact at every moment, at the price of one entry a call. */
class SlidingWindow implements RateRule {
	readonly capacity: number;
	private readonly perMs: number;
	private entries: Array<{ at: number; cost: number }> = [];
	/** Entries before this one have left the window; the array is cut when half of it is spent. */
	private head = 0;
	private used = 0;

	constructor(limit: RateLimit) {
		this.capacity = limit.limit;
		this.perMs = limit.perMs;
	}

	waitMs(cost: number, now: number): number {
		this.forget(now);
		let excess = this.used + cost - this.capacity;
		if (excess <= EPSILON) return 0;
		for (let index = this.head; index < this.entries.length; index++) {
			const entry = this.entries[index]!;
			excess -= entry.cost;
			if (excess <= EPSILON) return entry.at + this.perMs - now;
		}
		return Infinity;
	}

	take(cost: number, now: number): void {
		this.forget(now);
		this.entries.push({ at: now, cost });
		this.used += cost;
	}

	private forget(now: number): void {
		while (this.head < this.entries.length && this.entries[this.head]!.at + this.perMs <= now) {
			this.used -= this.entries[this.head++]!.cost;
		}
		if (this.head * 2 <= this.entries.length) return;
		this.entries = this.entries.slice(this.head);
		this.head = 0;
	}
}
