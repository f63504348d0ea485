import { TimeoutError, type Runtime, type Timer } from '../core';
import type { Call, CallScope } from './call';

/** Which limit passed. `run` and `parent` are deadlines of what the call is part of. */
export type TimeoutKind =
	| 'scheduleToStart'
	| 'startToClose'
	| 'scheduleToClose'
	| 'idle'
	| 'run'
	| 'parent'
	| 'cleanup';

/** Time limits of a step. All in milliseconds, all without a default. */
export interface TimeoutPolicy {
	/** Longest wait for a place to run. Not retried: the same queue would be as long again. */
	scheduleToStartMs?: number;
	/** Longest time of one attempt. */
	startToCloseMs?: number;
	/** Longest time of all attempts with their waits and pauses. */
	scheduleToCloseMs?: number;
	/** Longest time without a sign of life, see `CallContext.activity`. */
	idleMs?: number;
}

/** A limit that is in force, in milliseconds from now. */
export interface TimeLimit {
	kind: TimeoutKind;
	ms: number;
}

/** What is left of the limits around an attempt, in milliseconds; undefined means no such limit. */
export interface TimeLeft {
	/** Time since the step was scheduled. Default 0. */
	sinceScheduledMs?: number;
	/** To the deadline of the run. */
	runMs?: number;
	/** To the deadline of the scope above. */
	parentMs?: number;
}

const RETRYABLE_KINDS: ReadonlySet<TimeoutKind> = new Set<TimeoutKind>(['startToClose', 'idle']);

/**
 * The limit an attempt that starts now has to keep: the nearest of its own and those around it.
 *
 * @returns undefined when nothing limits it
 */
export function attemptLimit(policy: TimeoutPolicy, left: TimeLeft = {}): TimeLimit | undefined {
	return nearestOf('startToClose', policy.startToCloseMs, policy, left);
}

/**
 * The limit of a wait for a place to run that has lasted `waitedMs` already.
 *
 * @returns undefined when nothing limits it
 */
export function waitLimit(
	policy: TimeoutPolicy,
	waitedMs: number,
	left: TimeLeft = {},
): TimeLimit | undefined {
	const { scheduleToStartMs } = policy;
	const startMs = scheduleToStartMs === undefined ? undefined : scheduleToStartMs - waitedMs;
	return nearestOf('scheduleToStart', startMs, policy, left);
}

function nearestOf(
	ownKind: TimeoutKind,
	ownMs: number | undefined,
	{ scheduleToCloseMs }: TimeoutPolicy,
	{ sinceScheduledMs = 0, runMs, parentMs }: TimeLeft,
): TimeLimit | undefined {
	const toClose =
		scheduleToCloseMs === undefined ? undefined : scheduleToCloseMs - sinceScheduledMs;
	let nearest: TimeLimit | undefined;
	const consider = (kind: TimeoutKind, ms: number | undefined): void => {
		if (ms !== undefined && (nearest === undefined || ms < nearest.ms)) nearest = { kind, ms };
	};
	consider(ownKind, ownMs);
	consider('scheduleToClose', toClose);
	consider('run', runMs);
	consider('parent', parentMs);
	return nearest;
}

const WHAT_PASSED: Record<TimeoutKind, string> = {
	scheduleToStart: 'The step waited longer than {ms} ms for a place to run',
	startToClose: 'The attempt took longer than {ms} ms',
	scheduleToClose: 'The step was not done in time, with all its attempts; {ms} ms were left',
	idle: 'The call gave no sign of life for {ms} ms',
	run: 'The deadline of the run passed; {ms} ms were left for this attempt',
	parent: 'The deadline of the surrounding step passed; {ms} ms were left for this attempt',
	cleanup: 'Cleaning up took longer than {ms} ms and was left alone',
};

/** The error for a limit that passed; `details` are `{ kind, limitMs }`. */
export function timeoutError(limit: TimeLimit): TimeoutError {
	const limitMs = Math.max(0, limit.ms);
	return new TimeoutError(`${WHAT_PASSED[limit.kind].replace('{ms}', String(limitMs))}.`, {
		retryable: RETRYABLE_KINDS.has(limit.kind),
		details: { kind: limit.kind, limitMs },
	});
}

/** The limits of one call. */
export interface CallLimits {
	/** The hard limit, usually from {@link attemptLimit}. */
	limit?: TimeLimit;
	/** Longest time without a sign of life, in milliseconds. */
	idleMs?: number;
}

/**
 * Runs a call under its limits. When one passes, the scope is aborted and the result is a
 * {@link TimeoutError} at once; the call itself may settle later, which nobody hears.
 *
 * A cancel by the caller reaches the call through its signal; the call's own end is then the result.
 */
export function runWithTimeout<T>(
	call: Call<T>,
	scope: CallScope,
	limits: CallLimits,
	runtime: Pick<Runtime, 'monotonic' | 'setTimer'>,
): Promise<T> {
	const { limit, idleMs } = limits;
	if (limit === undefined && idleMs === undefined) return call(scope);
	if (limit !== undefined && limit.ms <= 0) return Promise.reject(timeoutError(limit));
	return new Promise<T>((resolve, reject) => {
		const guard = new TimeoutGuard(scope, limits, runtime, reject);
		const succeed = (value: T): void => {
			guard.stop();
			resolve(value);
		};
		const fail = (error: Error): void => {
			guard.stop();
			reject(error);
		};
		// A call that throws before its first `await` is a call that rejects.
		try {
			call(scope).then(succeed, fail);
		} catch (error) {
			fail(error as Error);
		}
	});
}

/** One timer for both limits; activity moves no timer, it is looked at when the timer fires. */
class TimeoutGuard {
	private readonly hardAt: number = Infinity;
	private timer: Timer;

	constructor(
		private readonly scope: CallScope,
		private readonly limits: CallLimits,
		private readonly runtime: Pick<Runtime, 'monotonic' | 'setTimer'>,
		private readonly fail: (error: Error) => void,
	) {
		const { limit, idleMs } = limits;
		if (idleMs === undefined) {
			// The usual case reads no clock.
			this.timer = runtime.setTimer(limit!.ms, () => this.expire(limit!));
			return;
		}
		scope.trackActivity(runtime);
		if (limit !== undefined) this.hardAt = scope.lastActivityAt + limit.ms;
		this.timer = this.arm(scope.lastActivityAt, idleMs);
	}

	stop(): void {
		this.timer.cancel();
	}

	private arm(now: number, idleMs: number): Timer {
		const nextAt = Math.min(this.hardAt, this.scope.lastActivityAt + idleMs);
		return this.runtime.setTimer(nextAt - now, () => this.check(idleMs));
	}

	private check(idleMs: number): void {
		const now = this.runtime.monotonic();
		if (now >= this.hardAt) this.expire(this.limits.limit!);
		else if (now >= this.scope.lastActivityAt + idleMs) this.expire({ kind: 'idle', ms: idleMs });
		else this.timer = this.arm(now, idleMs);
	}

	private expire(limit: TimeLimit): void {
		const error = timeoutError(limit);
		this.scope.abort(error);
		this.fail(error);
	}
}
