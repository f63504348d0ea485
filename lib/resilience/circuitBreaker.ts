import type { Runtime } from '../core';
import { breakerOptions, type CircuitBreakerOptions } from './breakerOptions';
import {
	CircuitOpenError,
	type BreakerChange,
	type BreakerState,
	type BreakerStatus,
} from './breakerState';
import { breakerWindow, type BreakerWindow } from './breakerWindow';
import {
	CallScope,
	abortErrorOf,
	throwIfCancelled,
	type Call,
	type ExecuteOptions,
	type Policy,
} from './call';
import { outcomeOf, type CallOutcome } from './callOutcome';

/**
 * Stops calling a service that fails, and probes it from time to time.
 *
 * Being told to slow down (class `rate_limit`) is no failure; only when nothing else has come back
 * for longer than `openMs` does the circuit open.
 *
 * @see Nygard, "Release It!", 2007 (the pattern and the names of the states)
 */
export class CircuitBreaker implements Policy {
	private readonly options: Required<CircuitBreakerOptions>;
	private readonly window: BreakerWindow;
	private current: BreakerStatus = 'closed';
	private trips = 0;
	private probeAt = 0;
	private probesRunning = 0;
	private probesPassed = 0;
	/** Grows with each state change, so that results of calls from before it do not count. */
	private epoch = 0;
	private rateLimitedSince: number | undefined;
	private openError: CircuitOpenError | undefined;
	private readonly waiters = new Set<() => void>();

	constructor(
		readonly key: string,
		options: CircuitBreakerOptions,
		private readonly runtime: Pick<Runtime, 'monotonic' | 'now'>,
		private readonly onChange?: (change: BreakerChange) => void,
	) {
		this.options = breakerOptions(key, options);
		this.window = breakerWindow(this.options.window);
	}

	get status(): BreakerStatus {
		if (this.current === 'open' && this.runtime.monotonic() >= this.probeAt) this.move('half_open');
		return this.current;
	}

	/** Milliseconds until a probe may start: 0 now, Infinity when that depends on a call or a reset. */
	get msUntilProbe(): number {
		const { status } = this;
		if (status === 'closed') return 0;
		if (status === 'open') return this.probeAt - this.runtime.monotonic();
		const full = status === 'forced_open' || this.probesRunning >= this.probesLeft();
		return full ? Infinity : 0;
	}

	/**
	 * Asks to make a call.
	 *
	 * @returns a permit for {@link record}, which must be called exactly once with it
	 * @throws {CircuitOpenError} always the same object while the circuit stays open
	 */
	enter(): number {
		if (this.current === 'closed') return this.epoch;
		if (this.msUntilProbe > 0) throw (this.openError ??= this.makeOpenError());
		this.probesRunning++;
		return this.epoch;
	}

	/**
	 * Tells how a call ended.
	 *
	 * @param permit - what {@link enter} returned
	 * @param durationMs - how long it took; only looked at with `slowCallMs`
	 * @returns what this has changed, if anything
	 */
	record(permit: number, outcome: CallOutcome, durationMs = 0): BreakerChange | undefined {
		if (permit !== this.epoch) return undefined;
		const from = this.current;
		if (from === 'half_open') this.recordProbe(outcome, durationMs);
		else if (outcome === 'rate_limited') this.recordRateLimit();
		else if (outcome !== 'neutral') this.recordCall(outcome === 'failure', this.isSlow(durationMs));
		return this.current === from ? undefined : { key: this.key, from, to: this.current };
	}

	/** Makes a call if the circuit allows it, and learns from how it ends. */
	async execute<T>(call: Call<T>, options: ExecuteOptions = {}): Promise<T> {
		throwIfCancelled(options.signal);
		const permit = this.enter();
		const startedAt = this.startOfCall();
		const scope = new CallScope(options.attempt ?? 1, options.signal);
		let error: unknown;
		try {
			const value = await call(scope);
			this.record(permit, 'success', this.durationSince(startedAt));
			return value;
		} catch (thrown) {
			error = thrown;
		} finally {
			scope.close();
		}
		this.record(permit, outcomeOf(error), this.durationSince(startedAt));
		throw error;
	}

	/** Time for {@link durationSince}; read only when slow calls matter. */
	startOfCall(): number {
		return this.options.slowCallMs === Infinity ? 0 : this.runtime.monotonic();
	}

	durationSince(startedAt: number): number {
		return this.options.slowCallMs === Infinity ? 0 : this.runtime.monotonic() - startedAt;
	}

	/** Stops all calls until {@link reset}. */
	forceOpen(): void {
		this.move('forced_open');
	}

	/** Closes the circuit and forgets the past. */
	reset(): void {
		this.trips = 0;
		this.move('closed');
	}

	/** Calls back once, at the next state change or when a probe has ended. @returns takes it back */
	onceChanged(callback: () => void): () => void {
		this.waiters.add(callback);
		return () => this.waiters.delete(callback);
	}

	/** Waits until a probe may start or something has changed; then ask again. */
	untilProbe(runtime: Pick<Runtime, 'setTimer'>, signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const waitMs = this.msUntilProbe;
			const timer = waitMs < Infinity ? runtime.setTimer(waitMs, () => done()) : undefined;
			const forget = this.onceChanged(() => done());
			const done = (settle: () => void = resolve): void => {
				timer?.cancel();
				forget();
				signal.removeEventListener('abort', onAbort);
				settle();
			};
			const onAbort = (): void => done(() => reject(abortErrorOf(signal)));
			signal.addEventListener('abort', onAbort);
		});
	}

	toJSON(): BreakerState {
		const { status, key, trips } = this;
		const leftMs = status === 'open' ? this.probeAt - this.runtime.monotonic() : 0;
		const probeAt = status === 'open' ? this.runtime.now() + leftMs : 0;
		return { schemaVersion: 1, key, status, trips, probeAt };
	}

	/** Takes over the state of another process, or of this one before a restart. */
	restore(state: BreakerState): void {
		this.trips = state.trips;
		// Clocks of machines differ: never wait longer than this circuit would have opened itself.
		const leftMs = Math.min(state.probeAt - this.runtime.now(), this.openFor());
		this.probeAt = this.runtime.monotonic() + leftMs;
		this.move(state.status);
	}

	private recordCall(failed: boolean, slow: boolean): void {
		if (!failed) this.rateLimitedSince = undefined;
		const { window } = this;
		const now = this.options.window.kind === 'time' ? this.runtime.monotonic() : 0;
		window.record(failed, slow, now);
		if ((!failed && !slow) || window.calls < this.options.minCalls) return;
		const { failureRate, slowRate } = this.options;
		const tooMany = window.failures >= failureRate * window.calls;
		if (tooMany || window.slow >= slowRate * window.calls) this.trip();
	}

	private recordRateLimit(): void {
		const now = this.runtime.monotonic();
		this.rateLimitedSince ??= now;
		if (now - this.rateLimitedSince > this.options.openMs) this.trip();
	}

	private recordProbe(outcome: CallOutcome, durationMs: number): void {
		this.probesRunning--;
		if (outcome === 'failure' || (outcome === 'success' && this.isSlow(durationMs))) {
			this.trip();
			return;
		}
		if (outcome === 'success') this.probesPassed++;
		if (this.probesPassed === this.options.halfOpenCalls) this.reset();
		else this.wake();
	}

	private isSlow(durationMs: number): boolean {
		return durationMs > this.options.slowCallMs;
	}

	private probesLeft(): number {
		return this.options.halfOpenCalls - this.probesPassed;
	}

	private trip(): void {
		this.trips++;
		this.probeAt = this.runtime.monotonic() + this.openFor();
		this.move('open');
	}

	/** Doubles with each trip in a row. */
	private openFor(): number {
		const { openMs, maxOpenMs } = this.options;
		return Math.min(maxOpenMs, openMs * 2 ** Math.max(0, this.trips - 1));
	}

	private move(to: BreakerStatus): void {
		const from = this.current;
		this.current = to;
		this.epoch++;
		this.probesRunning = this.probesPassed = 0;
		this.rateLimitedSince = undefined;
		this.openError = undefined;
		this.window.clear();
		if (from !== to) this.onChange?.({ key: this.key, from, to });
		this.wake();
	}

	private wake(): void {
		const callbacks = [...this.waiters];
		this.waiters.clear();
		for (const callback of callbacks) callback();
	}

	private makeOpenError(): CircuitOpenError {
		return new CircuitOpenError(this.key, this.current === 'open' ? this.probeAt : Infinity);
	}
}
