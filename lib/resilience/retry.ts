import { EngineError, errorClassOf, messageOf, type Runtime } from '../core';
import { CallScope, throwIfCancelled, type Call, type ExecuteOptions, type Policy } from './call';
import {
	decideRetry,
	hasStandIn,
	retryPolicy,
	type RetryDecision,
	type RetryOptions,
	type RetryPolicy,
} from './retryPolicy';

/** A retry that is about to happen; for events and logs. */
export interface RetryNotice {
	/** The attempt that failed. */
	attempt: number;
	error: unknown;
	/** The pause before the next attempt, in milliseconds. */
	delayMs: number;
}

/** What one execution of a retried call may say besides {@link ExecuteOptions}. */
export interface RetryExecuteOptions extends ExecuteOptions {
	/** Monotonic time after which no attempt may start. Default: none. */
	deadlineAt?: number;
	/** Called before each pause. */
	onRetry?: (notice: RetryNotice) => void;
}

/**
 * The attempts are spent, or there is no time left for another. Has the class of the last error,
 * which is its `cause`, and is never retried itself, so that nested retries do not multiply.
 */
export class RetryExhaustedError extends EngineError {
	constructor(attempts: number, decision: Exclude<RetryDecision, { retry: true }>, cause: unknown) {
		super('RETRY_EXHAUSTED', `${decision.message} Last error: ${messageOf(cause)}`, {
			errorClass: errorClassOf(cause),
			retryable: false,
			details: { attempts, reason: decision.reason },
			cause,
		});
	}
}

/** Runs a call again after it fails, with a growing pause between attempts. See {@link retry}. */
export class Retry implements Policy {
	constructor(
		readonly policy: RetryPolicy,
		private readonly runtime: Pick<Runtime, 'monotonic' | 'random' | 'sleep'>,
	) {}

	execute<T>(call: Call<T>, options: RetryExecuteOptions = {}): Promise<T> {
		return this.attempts((attempt) => runOnce(call, attempt, options.signal), options);
	}

	/**
	 * Like `execute`, for callers that make the context of each attempt themselves.
	 *
	 * @param run - starts attempt number 1, 2, …
	 */
	async attempts<T>(
		run: (attempt: number) => Promise<T>,
		options: RetryExecuteOptions = {},
	): Promise<T> {
		const { signal } = options;
		// Only a limit on the elapsed time needs the start: a call that succeeds reads no clock.
		const startedAt = this.policy.maxElapsedMs === undefined ? 0 : this.runtime.monotonic();
		let previousDelayMs: number | undefined;
		for (let attempt = options.attempt ?? 1; ; attempt++) {
			throwIfCancelled(signal);
			let error: unknown;
			try {
				return await run(attempt);
			} catch (thrown) {
				error = thrown;
			}
			throwIfCancelled(signal);
			const now = this.runtime.monotonic();
			const decision = decideRetry(
				this.policy,
				{
					error,
					attempt,
					elapsedMs: now - startedAt,
					previousDelayMs,
					remainingMs: (options.deadlineAt ?? Infinity) - now,
				},
				() => this.runtime.random(),
			);
			if (!decision.retry) return this.giveUp(decision, attempt, error);
			options.onRetry?.({ attempt, error, delayMs: decision.delayMs });
			previousDelayMs = decision.delayMs;
			if (decision.delayMs > 0) await this.pause(decision.delayMs, signal);
		}
	}

	private async pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
		await this.runtime.sleep(ms, signal).catch(() => undefined);
		throwIfCancelled(signal);
	}

	private giveUp<T>(
		decision: Exclude<RetryDecision, { retry: true }>,
		attempt: number,
		error: unknown,
	): T {
		if (hasStandIn(this.policy, 'default', error)) return this.policy.defaultValue as T;
		const untouched = decision.reason === 'not_retryable' || this.policy.maxAttempts === 1;
		throw untouched ? error : new RetryExhaustedError(attempt, decision, error);
	}
}

/**
 * Runs a call again after it fails, with a growing pause between attempts.
 *
 * @param options - see {@link RetryOptions}; pauses in milliseconds, attempts count from 1
 * @returns a policy; its `execute` gives the first successful result, or throws
 * - the call's own error, unchanged, when its class is not retried or only one attempt was allowed
 * - {@link RetryExhaustedError} when attempts or time are spent; `cause` is the last error
 * - an abort error when the caller cancels, during a pause at once
 *
 * @example
 * const policy = retry({ maxAttempts: 4 }, runtime);
 * const page = await policy.execute(({ signal }) => http.request({ method: 'GET', url, signal }));
 */
export function retry(
	options: RetryOptions,
	runtime: Pick<Runtime, 'monotonic' | 'random' | 'sleep'>,
): Retry {
	return new Retry(retryPolicy(options), runtime);
}

async function runOnce<T>(
	call: Call<T>,
	attempt: number,
	signal: AbortSignal | undefined,
): Promise<T> {
	const scope = new CallScope(attempt, signal);
	try {
		return await call(scope);
	} finally {
		scope.close();
	}
}
