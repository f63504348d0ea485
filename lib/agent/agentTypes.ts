import type { EventSink, Logger, Runtime, SerializedError } from '../core';
import type { ResourcePool, ResourceRequirements } from '../resources';
import type { RetryOptions, TimeoutPolicy } from '../resilience';
import type { DocumentedRunStatus, DocumentedStepStatus, Journal, RunOutcome } from '../run';
import type {
	CompensationContext,
	DependencyConfig,
	DependencyType,
	RunCheckpoint,
	RunResult,
} from '../scheduler';
import type { AgentContext } from './context';
import type { Reducer, ReducerName } from './reducers';

/** Where to go on: one state, several in parallel, or nowhere. */
export type StateResult = string | readonly string[] | null | undefined | void;

/** A state of an agent. */
export type StateFunction = (context: AgentContext) => StateResult | Promise<StateResult>;

/** A dependency of a state; its condition sees the state shared by all. */
export interface StateDependency extends Omit<DependencyConfig, 'condition'> {
	condition?: (agent: StateReader) => boolean;
}

/** What conditions may look at. */
export interface StateReader {
	get(key: string): unknown;
	has(key: string): boolean;
}

/** Everything a state may say besides its function. */
export interface StateOptions {
	/** Default: none. `{ load: 'required', check: 'OPTIONAL', poll: { type: 'timeout', … } }`. */
	dependencies?: Readonly<
		Record<string, DependencyType | Uppercase<DependencyType> | StateDependency>
	>;
	/** What an attempt takes from the agent's pool. */
	resources?: ResourceRequirements;
	retry?: RetryOptions;
	timeouts?: TimeoutPolicy;
	/** States it may name, when joins should not wait for it in vain. Default: any. */
	next?: readonly string[];
	/** Most executions in one run. Default 25. */
	maxIterations?: number;
	/** Whether the agent may complete although this state fails. */
	optional?: boolean;
	/** Undoes the state when the agent fails or is cancelled afterwards. */
	compensate?: (context: CompensationContext) => unknown;
	/** Whether an attempt may be broken off and repeated. */
	preemptible?: boolean;
	/** Whether its result may be had again by running it again. Default true. */
	restartable?: boolean;
	/** Share of the progress. Default 1. */
	weight?: number;
	description?: string;
}

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
