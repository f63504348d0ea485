import { AbortError, isEngineError } from '../core';

/** What a call may know about the attempt it runs in. */
export interface CallContext {
	/** 1 for the first attempt, 2 for the first retry, … */
	readonly attempt: number;
	/** Aborts on cancel and on timeout. Made on first use, so that calls that ignore it are free. */
	readonly signal: AbortSignal;
	/** Tells the idle timeout that the call is alive: a chunk arrived, a heartbeat was sent. */
	activity(): void;
}

/** A piece of work that can be tried again: everything it needs comes in by its context. */
export type Call<T> = (context: CallContext) => Promise<T>;

/** What the caller of a policy may say about one execution. */
export interface ExecuteOptions {
	/** Cancels the execution: waits end at once, the running call sees its signal abort. */
	signal?: AbortSignal;
	/** Number of the first attempt; more than 1 when attempts were spent before a restart. Default 1. */
	attempt?: number;
}

/** Something that runs a call with a promise about how: again on failure, within a time, … */
export interface Policy {
	execute<T>(call: Call<T>, options?: ExecuteOptions): Promise<T>;
}

/**
 * The context of one attempt. Its signal follows the caller's and can be aborted on its own.
 * Whoever makes a scope calls {@link CallScope.close} when the attempt has ended.
 */
export class CallScope implements CallContext {
	/** Monotonic time of the last sign of life; kept once {@link trackActivity} was called. */
	lastActivityAt = 0;

	private clock: { monotonic(): number } | undefined;
	private controller: AbortController | undefined;
	private ended = false;
	private reason: unknown;

	constructor(
		readonly attempt: number,
		private readonly upstream?: AbortSignal,
	) {}

	get signal(): AbortSignal {
		if (this.controller === undefined) {
			this.controller = new AbortController();
			if (this.ended) this.controller.abort(this.reason);
			else if (this.upstream?.aborted === true) this.controller.abort(this.upstream.reason);
			else this.upstream?.addEventListener('abort', this.follow);
		}
		return this.controller.signal;
	}

	activity(): void {
		if (this.clock !== undefined) this.lastActivityAt = this.clock.monotonic();
	}

	/** From now on, notes when the call was last alive; without it, `activity` costs nothing. */
	trackActivity(clock: { monotonic(): number }): void {
		this.clock = clock;
		this.lastActivityAt = clock.monotonic();
	}

	/** Whether {@link abort} was called: a limit of this attempt has passed. */
	get isAborted(): boolean {
		return this.ended;
	}

	/** Aborts this attempt alone. */
	abort(reason: unknown): void {
		this.ended = true;
		this.reason = reason;
		this.controller?.abort(reason);
	}

	/** Stops following the caller's signal, so that no listener is left behind. */
	close(): void {
		if (this.controller !== undefined) this.upstream?.removeEventListener('abort', this.follow);
	}

	private readonly follow = (): void => this.controller!.abort(this.upstream!.reason);
}

/** The error of an aborted signal: its reason when that is an engine error, else an {@link AbortError}. */
export function abortErrorOf(signal: AbortSignal): Error {
	const reason: unknown = signal.reason;
	return isEngineError(reason) ? reason : new AbortError(undefined, { cause: reason });
}

/**
 * Ends a wait that must not outlive a cancel.
 *
 * @throws {AbortError} (or the signal's own engine error) when `signal` has aborted
 */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
	if (signal?.aborted === true) throw abortErrorOf(signal);
}
