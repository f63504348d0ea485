import { z } from 'zod';

import { parse } from '../core';

/** How a limit on concurrent calls follows what the other side can take. */
export interface AdaptiveConcurrencyOptions {
	/** Where to begin. Default 8. */
	initial?: number;
	/** Default 1. */
	min?: number;
	/** Default 64. */
	max?: number;
	/** What is added for each round of calls that went well. Default 1. */
	increase?: number;
	/** What the limit is multiplied by after a refusal. Default 0.5. */
	decrease?: number;
	/** A call that takes this many times the fastest recent one counts as a refusal. Default: none does. */
	latencyFactor?: number;
}

const schema = z
	.object({
		initial: z.number().min(1).default(8),
		min: z.number().min(1).default(1),
		max: z.number().min(1).default(64),
		increase: z.number().positive().default(1),
		decrease: z.number().gt(0).lt(1).default(0.5),
		latencyFactor: z.number().gt(1).default(Infinity),
	})
	.strict();

/** The baseline drifts up by this part of the distance, so that it follows a service that changes. */
const DRIFT = 0.01;

/**
 * Additive increase, multiplicative decrease: the limit grows by `increase` for each full round of
 * successes and is cut after a refusal (429) or a slow answer. Calls that started before a cut do
 * not cut again: they were refused under the old limit.
 *
 * Pure: it knows no clock and no timer.
 *
 * @see Chiu, Jain, "Analysis of the increase and decrease algorithms for congestion avoidance",
 * Computer Networks and ISDN Systems, 1989
 */
export class AdaptiveConcurrency {
	private readonly options: Required<AdaptiveConcurrencyOptions>;
	private exact: number;
	private baselineMs = Infinity;
	private round = 0;

	constructor(options: AdaptiveConcurrencyOptions = {}) {
		this.options = parse(schema, options, 'Adaptive concurrency options');
		this.exact = this.clamp(this.options.initial);
	}

	/** How many calls may run at the same time now, a whole number. */
	get limit(): number {
		return Math.floor(this.exact);
	}

	/** A call starts. @returns what {@link success} or {@link refused} needs at its end */
	start(): number {
		return this.round;
	}

	/** A call went well. */
	success(started: number, durationMs: number): void {
		const isSlow = durationMs > this.baselineMs * this.options.latencyFactor;
		const drifted = this.baselineMs + (durationMs - this.baselineMs) * DRIFT;
		this.baselineMs = this.baselineMs === Infinity ? durationMs : Math.min(durationMs, drifted);
		if (isSlow) this.refused(started);
		else this.exact = this.clamp(this.exact + this.options.increase / this.exact);
	}

	/** The other side asked to slow down. */
	refused(started: number): void {
		if (started !== this.round) return;
		this.round++;
		this.exact = this.clamp(this.exact * this.options.decrease);
	}

	private clamp(value: number): number {
		return Math.min(this.options.max, Math.max(this.options.min, value));
	}
}
