import type { Call, Policy } from './call';
import {
	Attempt,
	ExecutionLimits,
	type AttemptOptions,
	type AttemptParts,
	type AttemptRuntime,
} from './policyAttempt';
import { Retry, type RetryExecuteOptions } from './retry';
import { retryPolicy, type RetryOptions } from './retryPolicy';

/** What protects a call. Every part may be left out. */
export interface PolicyParts extends AttemptParts {
	/** Default: one attempt. */
	retry?: RetryOptions;
}

/** What the caller may say about one execution. */
export interface PolicyExecuteOptions extends RetryExecuteOptions, AttemptOptions {}

/**
 * Protects a call by all the parts it is given, in the only order that works: retry outside, then
 * for each attempt budget, circuit breaker, rate limit, pool, time limits, call. A retry outside the
 * breaker makes the breaker see each attempt, and a place is held only while a call runs.
 *
 * @example
 * const policy = new ResiliencePolicy({ retry: { maxAttempts: 3 }, timeouts: { startToCloseMs: 30_000 }, breaker }, runtime);
 * const answer = await policy.execute(({ signal }) => model.chat(messages, { signal }));
 */
export class ResiliencePolicy implements Policy {
	private readonly retry: Retry;

	constructor(
		private readonly parts: PolicyParts,
		private readonly runtime: AttemptRuntime,
	) {
		this.retry = new Retry(retryPolicy(parts.retry ?? { maxAttempts: 1 }), runtime);
	}

	execute<T>(call: Call<T>, options: PolicyExecuteOptions = {}): Promise<T> {
		const limits = new ExecutionLimits(this.parts.timeouts, options.deadlineAt, this.runtime);
		return this.retry.attempts(
			(number) => new Attempt<T>(this.parts, limits, this.runtime, number, options).run(call),
			{ ...options, deadlineAt: limits.closeAt },
		);
	}
}
