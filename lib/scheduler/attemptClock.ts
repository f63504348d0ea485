import type { Runtime, Timer } from '../core';
import { TimeoutError } from '../core';
import { attemptLimit, timeoutError, type TimeLimit, type TimeoutPolicy } from '../resilience';
import type { Attempt } from './attempt';

/**
 * The time limits of one attempt, in one timer: the nearest hard limit and the idle limit. They
 * stand still while the attempt waits for somebody's answer.
 */
export class AttemptClock {
	private timer: Timer | undefined;
	private hardAt = Infinity;
	private pausedAt: number | undefined;

	/**
	 * @param sinceScheduledMs - time since the step got in line, for `scheduleToCloseMs`
	 * @param onTimeout - called once, when a limit passes
	 * @returns undefined when nothing limits the attempt
	 */
	static start(
		attempt: Attempt,
		policy: TimeoutPolicy,
		sinceScheduledMs: number,
		runtime: Runtime,
		onTimeout: (error: TimeoutError) => void,
	): AttemptClock | undefined {
		const limit = attemptLimit(policy, { sinceScheduledMs });
		if (limit === undefined && policy.idleMs === undefined) return undefined;
		return new AttemptClock(attempt, limit, policy.idleMs, runtime, onTimeout);
	}

	private constructor(
		private readonly attempt: Attempt,
		private readonly limit: TimeLimit | undefined,
		private readonly idleMs: number | undefined,
		private readonly runtime: Runtime,
		private readonly onTimeout: (error: TimeoutError) => void,
	) {
		if (idleMs !== undefined) attempt.callScope.trackActivity(runtime);
		if (limit !== undefined) this.hardAt = runtime.monotonic() + limit.ms;
		this.arm();
	}

	pause(): void {
		this.pausedAt = this.runtime.monotonic();
		this.timer?.cancel();
	}

	go(): void {
		this.hardAt += this.runtime.monotonic() - this.pausedAt!;
		this.attempt.activity();
		this.arm();
	}

	stop(): void {
		this.timer?.cancel();
	}

	private arm(): void {
		const at = Math.min(this.hardAt, this.idleAt());
		this.timer = this.runtime.setTimer(at - this.runtime.monotonic(), () => this.check());
	}

	private idleAt(): number {
		return this.idleMs === undefined
			? Infinity
			: this.attempt.callScope.lastActivityAt + this.idleMs;
	}

	private check(): void {
		const now = this.runtime.monotonic();
		if (now >= this.hardAt) this.onTimeout(timeoutError(this.limit!));
		else if (now >= this.idleAt()) this.onTimeout(timeoutError({ kind: 'idle', ms: this.idleMs! }));
		else this.arm();
	}
}
