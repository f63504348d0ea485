import type { CallBudget } from '../budget';
import type { Cause, SerializedError } from '../core';

/** How one task of a fan-out ended. `timed_out`: it was running when the join's deadline passed. */
export type FanOutStatus = 'completed' | 'failed' | 'cancelled' | 'timed_out';

/** One task of a fan-out after its end. */
export interface FanOutTask<Output> {
	/** The given key, else the index as text. */
	key: string;
	/** Place of the input: 0, 1, … */
	index: number;
	status: FanOutStatus;
	/** What the task returned, when it completed. */
	result?: Output;
	/** The last error, when it failed. */
	error?: SerializedError;
	/** Why it was stopped or never started, when it was cancelled or timed out. */
	cause?: Cause;
	/** How often the task was called; 0 when it never started. */
	attempts: number;
	/** From its start to its end, in milliseconds, pauses between attempts included. */
	durationMs: number;
}

/** What a task knows about itself while it runs. */
export interface FanOutContext {
	readonly key: string;
	readonly index: number;
	/** 1 for the first call of this task, 2 for the second, … */
	readonly attempt: number;
	/** Aborts when the fan-out stops this task. Made when first read: ask only if you listen. */
	readonly signal: AbortSignal;
}

/** The work done for each input. */
export type FanOutBody<Input, Output> = (
	input: Input,
	context: FanOutContext,
) => Output | Promise<Output>;

/**
 * Wraps each task, for retry, timeouts, a breaker, a pool.
 *
 * @param attempt - calls the task once; with a signal, that is the one the task sees
 */
export type FanOutWrapper = <Output>(
	attempt: (signal?: AbortSignal) => Promise<Output>,
	context: FanOutContext,
) => Promise<Output>;

/** What a failing task means for the others and for the values. */
export type FanOutErrorMode =
	/** Go on; the failure is one of the results. */
	| 'settle'
	/** Start nothing more. */
	| 'fail_fast'
	/** Go on; `values` leaves the failed ones out. */
	| 'drop'
	/** Go on; `values` has `null` for the failed ones. */
	| 'null'
	/** Go on until more than `maxFailures` have failed. */
	| 'threshold';

/** When the fan-out has what it needs; the rest is then cancelled. */
export type FanOutJoin = 'all' | 'any' | { n: number } | { deadlineMs: number };

export interface FanOutOptions<Input> {
	/** A name for each task, unique in the fan-out. Default: its index. */
	key?: (input: Input, index: number) => string;
	/** Most tasks running at once: 1 or more. Default: no limit. */
	maxConcurrent?: number;
	/** Default `settle`. */
	errorMode?: FanOutErrorMode;
	/** With `threshold`: how many failures are still accepted. Default 0. */
	maxFailures?: number;
	/**
	 * What happens to running tasks when a failure stops the fan-out: they may `finish` (their work
	 * is paid for) or are cancelled. Default `finish`.
	 */
	onSiblingFailure?: 'finish' | 'cancel';
	/** Default `all`. */
	join?: FanOutJoin;
	/**
	 * What happens to tasks that are not done at the deadline of the join: they are cancelled, or they
	 * are done all the same, also those that have not begun. Their ends are then none of the result's.
	 * Default `cancel`.
	 */
	afterDeadline?: 'cancel' | 'finish';
	/** Order of the results: as the inputs, or as the tasks ended. Default `input`. */
	order?: 'input' | 'completion';
	/** Wraps each task, e.g. with retry. Default: one plain call. */
	around?: FanOutWrapper;
	/** Called at the end of each task that was started, for progress and for saving. */
	onTaskEnd?: (task: FanOutTask<unknown>, ended: number, total: number) => void;
	/**
	 * Once a soft limit of it is reached, nothing more starts: what has not begun is `cancelled` with
	 * cause `budget`, and what has been done is kept. Default: nobody looks.
	 */
	budget?: CallBudget;
	/** Cancels the fan-out: running tasks are aborted, the others never start. */
	signal?: AbortSignal;
}

export interface FanOutResult<Output> {
	/**
	 * `success`: the join has all it asked for. `partial`: some tasks failed, which the error mode
	 * accepts. `failure`: everything failed, the join cannot be met, or the fan-out was stopped.
	 */
	outcome: 'success' | 'partial' | 'failure';
	/** One entry for each input, whatever happened to it. */
	tasks: Array<FanOutTask<Output>>;
	/** The results of completed tasks; with error mode `null`, `null` for the failed ones. */
	values: Array<Output | null>;
	completed: number;
	failed: number;
	/** Never started, stopped, or too late. */
	cancelled: number;
	/** Why the fan-out stopped, if it did not simply come to its end. */
	cause?: Cause;
}
