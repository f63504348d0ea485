import type { CancellationScope, EventSink, Logger, Runtime } from '../core';
import type { RunBudget } from '../budget';
import type { EndpointHealth } from '../resilience';
import type { ResourcePool } from '../resources';
import type { Journal } from '../run';
import type { RunCheckpoint } from './checkpointRecord';

/** What a cancelled step that is still running means for the run. */
export type CancelMode =
	/** The step is cancelled once its body has settled, or after `abandonMs`. */
	| 'wait'
	/** The step is cancelled at once; its place is free when the body settles, or after `abandonMs`. */
	| 'try'
	/** The step is cancelled at once and its place is free at once. */
	| 'abandon';

/** A completed execution, told before its successors start. */
export interface Completion {
	stepId: string;
	path: string;
	output: unknown;
	/** See `BodyContext.parents`. */
	parents: readonly string[];
	/** Taken from the journal instead of being run. */
	reused: boolean;
	/** Whether no other step is under way: everything that ran in parallel has joined. */
	quiet: boolean;
}

export interface GraphRunOptions {
	runtime: Runtime;
	/** Default: a new id. With a journal, the same id goes on with what was recorded. */
	runId?: string;
	/** What the run works on; JSON. */
	input?: unknown;
	/** Remembers steps over restarts. Default: none. */
	journal?: Journal;
	/** Receive the run's events. */
	sinks?: readonly EventSink[];
	logger?: Logger;
	/** Most steps running at once: 1 or more. Default: no limit. */
	maxConcurrent?: number;
	/** Shared by everything that takes from it. Needed by steps with `resources`. */
	pool?: ResourcePool;
	/** What the calls of all steps are paid from. Default: nothing is counted. */
	budget?: RunBudget;
	/** Whose turn it is when several runs wait for the pool. Default: the run's id. */
	fairnessKey?: string;
	/** Longest time of the run, in milliseconds. Default: none. */
	timeoutMs?: number;
	/** Whether time spent waiting for people and paused counts for `timeoutMs`. Default false. */
	countWaitingTime?: boolean;
	/** Called once after everything else, however the run went. */
	cleanup?: () => unknown;
	/** Longest time of each compensation and of `cleanup`, in milliseconds. Default 10000. */
	cleanupTimeoutMs?: number;
	/** How long a body that does not obey keeps its place, in milliseconds. Default 30000. */
	abandonMs?: number;
	/** What a failure does to the steps that do not depend on it. Default `continue`. */
	failureMode?: 'continue' | 'fail_fast';
	/** When completed steps are undone. Default `failure_or_cancel`. */
	compensateOn?: 'failure_or_cancel' | 'failure' | 'never';
	/** Whether steps that ran side by side are undone side by side. Default: one after another. */
	compensateInParallel?: boolean;
	/** Longest back-off or interval inside a run, in milliseconds. Default 300000. */
	maxInRunWaitMs?: number;
	/**
	 * Shares of the progress by id, for steps that do not say theirs: for instance how long each took
	 * the last time, see `GraphRun.weights`. Default: 1 each.
	 */
	weights?: Readonly<Record<string, number>>;
	/** No event for so long makes the progress `stalled`, in milliseconds. Default 60000. */
	stallMs?: number;
	/**
	 * Which ended steps begin anew when a run goes on from a checkpoint: those that `failed`, timed out
	 * or were cancelled with others (default), or none, so that only what is `unfinished` goes on. A
	 * step that somebody cancelled by itself stays cancelled either way; what was skipped is judged
	 * again.
	 */
	resumeFrom?: 'failed' | 'unfinished';
	/** Cancels the run when it is cancelled. */
	scope?: CancellationScope;
	/**
	 * Circuits and pauses of the services that steps call: in the run's checkpoints, and told to this
	 * process when a run goes on from one. Default: the run does not carry them.
	 */
	endpoints?: EndpointHealth;
	/** Hands out a checkpoint at this interval, in milliseconds. Default: never. */
	checkpointEveryMs?: number;
	onCheckpoint?: (checkpoint: RunCheckpoint) => void;
	/** Data of the caller for the checkpoint; JSON. */
	snapshot?: () => unknown;
	/** Told about each completion before its successors start. An error it throws fails the run. */
	onCompleted?: (completion: Completion) => void;
}
