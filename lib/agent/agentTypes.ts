import type { EventSink, Logger, Runtime, SerializedError } from '../core';
import type { RunBudget } from '../budget';
import type { EndpointHealth } from '../resilience';
import type { ResourcePool } from '../resources';
import type { DocumentedRunStatus, DocumentedStepStatus, Journal, RunOutcome } from '../run';
import type { RunCheckpoint, RunResult } from '../scheduler';
import type { Reducer, ReducerName } from './reducers';

export interface AgentOptions {
	runtime: Runtime;
	/** Shared by all that take from it. */
	resourcePool?: ResourcePool;
	/** Most states running at once. Default: no limit. */
	maxConcurrent?: number;
	/** States to begin with. Default: the first one, and those that dependencies speak of. */
	start?: string | readonly string[];
	/** Values of the state at the beginning. */
	state?: Readonly<Record<string, unknown>>;
	/** How values of a key meet; without one, parallel writers of a key are an error. */
	reducers?: Readonly<Record<string, ReducerName | Reducer>>;
	/** Hands out a checkpoint at this interval, in milliseconds. */
	checkpointIntervalMs?: number;
	onCheckpoint?: (checkpoint: RunCheckpoint) => void;
	/** Remembers states over restarts; needs a `runId` in {@link AgentRunOptions}. */
	journal?: Journal;
	sinks?: readonly EventSink[];
	logger?: Logger;
	/** What the calls of all states are paid from: `context.budget`. Default: nothing is counted. */
	budget?: RunBudget;
	/** Circuits and pauses of services, to go with the agent's checkpoints; see `GraphRunOptions`. */
	endpoints?: EndpointHealth;
}

export interface AgentRunOptions {
	/** What the agent works on; JSON. */
	input?: unknown;
	runId?: string;
	/** Longest time of the run, in milliseconds. */
	timeoutMs?: number;
	/** Called once after everything else, however the run went. */
	cleanup?: () => unknown;
	/** Longest time of `cleanup` and of each compensation, in milliseconds. Default 10000. */
	cleanupTimeoutMs?: number;
}

/** How a run of an agent went. */
export interface AgentResult extends Pick<RunResult, 'runId' | 'error' | 'cause'> {
	status: RunResult['status'];
	outcome: RunOutcome;
	/** The shared state at the end. */
	state: Record<string, unknown>;
}

/** One state of an agent, as it is now. */
export interface StateMetadata {
	status: DocumentedStepStatus;
	attempts: number;
	executions: number;
	error?: SerializedError;
	/** Milliseconds since the epoch. */
	startedAt?: number;
	endedAt?: number;
}

/** An agent in numbers, by name of the documented API. */
export interface AgentMetrics {
	status: DocumentedRunStatus;
	completed: number;
	running: number;
	pending: number;
	failed: number;
	attempts: number;
	retries: number;
}
