import { isEngineError, type Runtime } from '../core';
import { CallScope, throwIfCancelled, type Call } from './call';
import type { BreakerChange } from './breakerState';
import { outcomeOf, type CallOutcome } from './callOutcome';
import type { CircuitBreaker } from './circuitBreaker';
import type { BlockedBy, Gate, Pass } from './gate';
import type { RateLimiter } from './rateLimiter';
import {
	attemptLimit,
	runWithTimeout,
	waitLimit,
	type TimeLimit,
	type TimeoutPolicy,
} from './timeout';

/** What protects each attempt. */
export interface AttemptParts {
	timeouts?: TimeoutPolicy;
	/** Money and tokens, reserved before each attempt. */
	budget?: Gate;
	breaker?: CircuitBreaker;
	/**
	 * While the circuit is open: `wait` for a probe if the time limits allow it (default), or `fail`
	 * at once, for instance to use a fallback.
	 */
	whenOpen?: 'wait' | 'fail';
	limiter?: RateLimiter;
	/** What one call counts for in the limiter. Default 1. */
	rateCost?: number;
	/** A place to run, held while the call runs and given back in every pause. */
	pool?: Gate;
}

/** What the caller may say about its attempts. */
export interface AttemptOptions {
	signal?: AbortSignal;
	/** Told what the call waits for, and with `undefined` that it goes on. */
	onBlocked?: (blockedBy: BlockedBy | undefined) => void;
	/** Told when the end of the call has opened or closed the circuit. */
	onBreaker?: (change: BreakerChange) => void;
}

export type AttemptRuntime = Pick<Runtime, 'monotonic' | 'now' | 'random' | 'setTimer' | 'sleep'>;

/** The time limits of one execution with all its attempts. */
export class ExecutionLimits {
	/** Monotonic time at which everything ends; undefined when nothing says so. */
	readonly closeAt: number | undefined;
	private readonly scheduledAt: number;

	constructor(
		private readonly timeouts: TimeoutPolicy = {},
		private readonly runAt: number | undefined,
		private readonly runtime: Pick<Runtime, 'monotonic'>,
	) {
		const { scheduleToCloseMs } = timeouts;
		// Without a deadline, no clock needs to be read.
		const hasDeadline = scheduleToCloseMs !== undefined || runAt !== undefined;
		this.scheduledAt = hasDeadline ? runtime.monotonic() : 0;
		const closeAt = Math.min(this.scheduledAt + (scheduleToCloseMs ?? Infinity), runAt ?? Infinity);
		this.closeAt = hasDeadline ? closeAt : undefined;
	}

	get idleMs(): number | undefined {
		return this.timeouts.idleMs;
	}

	/** For a call that starts now. */
	ofCall(): TimeLimit | undefined {
		if (this.closeAt !== undefined) return attemptLimit(this.timeouts, this.left());
		const { startToCloseMs } = this.timeouts;
		return startToCloseMs === undefined ? undefined : { kind: 'startToClose', ms: startToCloseMs };
	}

	/** For a wait that began at `since`, monotonic. */
	ofWait(since: number): TimeLimit | undefined {
		return waitLimit(this.timeouts, this.runtime.monotonic() - since, this.left());
	}

	private left(): { sinceScheduledMs: number; runMs: number | undefined } {
		const now = this.runtime.monotonic();
		const runMs = this.runAt === undefined ? undefined : this.runAt - now;
		return { sinceScheduledMs: now - this.scheduledAt, runMs };
	}
}

/** One attempt on its way through everything that protects it. */
export class Attempt<T> {
	private readonly scope: CallScope;
	private permit: number | undefined;
	private budgetPass: Pass | undefined;
	private poolPass: Pass | undefined;
	private body: Promise<T> | undefined;
	private startedAt = 0;
	/** When it first had to wait, monotonic. */
	private waitingSince: number | undefined;

	constructor(
		private readonly parts: AttemptParts,
		private readonly limits: ExecutionLimits,
		private readonly runtime: AttemptRuntime,
		attempt: number,
		private readonly options: AttemptOptions,
	) {
		this.scope = new CallScope(attempt, options.signal);
	}

	async run(call: Call<T>): Promise<T> {
		let error: unknown;
		try {
			if (this.needsAdmission()) await this.admit();
			this.startedAt = this.parts.breaker?.startOfCall() ?? 0;
			const limits = { limit: this.limits.ofCall(), idleMs: this.limits.idleMs };
			const begin: Call<T> = (context) => (this.body = call(context));
			const value = await runWithTimeout(begin, this.scope, limits, this.runtime);
			this.end('success', { started: true, value });
			return value;
		} catch (thrown) {
			error = thrown;
		}
		this.fail(error);
		throw error;
	}

	/** The usual case, a closed circuit and nothing else in the way, goes on without waiting. */
	private needsAdmission(): boolean {
		const { breaker, budget, limiter, pool } = this.parts;
		if (budget !== undefined || limiter !== undefined || pool !== undefined) return true;
		if (breaker === undefined) return false;
		if (breaker.msUntilProbe > 0) return true;
		this.permit = breaker.enter();
		return false;
	}

	private async admit(): Promise<void> {
		const { breaker, budget, limiter, pool, rateCost = 1 } = this.parts;
		if (budget !== undefined) this.budgetPass = await this.enter('budget', budget);
		if (breaker !== undefined) await this.passBreaker(breaker);
		if (limiter !== undefined && !limiter.tryAcquire(rateCost)) {
			await this.wait('rate', (signal) => limiter.acquire(rateCost, signal));
		}
		if (pool !== undefined) this.poolPass = await this.enter('pool', pool);
	}

	private async passBreaker(breaker: CircuitBreaker): Promise<void> {
		while (breaker.msUntilProbe > 0) {
			const waitMs = breaker.msUntilProbe;
			const limitMs = this.limits.ofWait(this.since())?.ms ?? Infinity;
			const inVain = waitMs < Infinity ? waitMs >= limitMs : breaker.status === 'forced_open';
			if (inVain || this.parts.whenOpen === 'fail') break;
			await this.wait('breaker', (signal) => breaker.untilProbe(this.runtime, signal));
		}
		this.permit = breaker.enter();
	}

	private async enter(kind: 'budget' | 'pool', gate: Gate): Promise<Pass> {
		throwIfCancelled(this.options.signal);
		const probe = gate.tryEnter(this.scope.attempt);
		if (probe !== undefined) return probe;
		return await this.wait(kind, (signal) => gate.enter(this.scope.attempt, signal), leaveUnused);
	}

	/**
	 * Waits within the time limits, and says so.
	 *
	 * @param giveBack - for what arrives after the wait was given up
	 */
	private async wait<R>(
		kind: BlockedBy['kind'],
		start: (signal: AbortSignal) => Promise<R>,
		giveBack?: (late: R) => void,
	): Promise<R> {
		const limit = this.limits.ofWait(this.since());
		const scope = new CallScope(this.scope.attempt, this.options.signal);
		this.options.onBlocked?.({ kind, detail: WAITS_FOR[kind], since: this.runtime.now() });
		const arrives = async (): Promise<R> => {
			const arrived = await start(scope.signal);
			if (scope.isAborted) giveBack?.(arrived);
			return arrived;
		};
		return await runWithTimeout(arrives, scope, { limit }, this.runtime).finally(() => {
			scope.close();
			this.options.onBlocked?.(undefined);
		});
	}

	private since(): number {
		return (this.waitingSince ??= this.runtime.monotonic());
	}

	private fail(error: unknown): void {
		const started = this.body !== undefined;
		const retryAfterMs = isEngineError(error) ? error.retryAfterMs : undefined;
		const outcome = started ? outcomeOf(error) : 'neutral';
		// The other side counts for everybody who uses the same key, so everybody waits.
		if (outcome === 'rate_limited' && retryAfterMs !== undefined) {
			this.parts.limiter?.throttle(retryAfterMs);
		}
		this.end(outcome, { started, error });
	}

	private end(
		outcome: CallOutcome,
		end: { started: boolean; value?: unknown; error?: unknown },
	): void {
		const { breaker } = this.parts;
		if (this.permit !== undefined) {
			const durationMs = breaker!.durationSince(this.startedAt);
			const change = breaker!.record(this.permit, outcome, durationMs);
			if (change !== undefined) this.options.onBreaker?.(change);
		}
		const { body, scope } = this;
		for (const pass of [this.poolPass, this.budgetPass]) {
			if (scope.isAborted && body !== undefined) pass?.abandon(body);
			else pass?.leave(end);
		}
		scope.close();
	}
}

const WAITS_FOR: Record<BlockedBy['kind'], string> = {
	budget: 'running calls to give back what they reserved and do not use',
	breaker: 'the service to recover: its circuit is open',
	rate: 'its turn under the rate limit',
	pool: 'free resources',
};

function leaveUnused(pass: Pass): void {
	pass.leave({ started: false });
}
