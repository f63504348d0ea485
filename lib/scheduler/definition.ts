import type { CancellationScope, Cause, RunEvent, SerializedError } from '../core';
import type { CallBudget } from '../budget';
import type { BlockedBy, BreakerChange, RetryOptions, TimeoutPolicy } from '../resilience';
import type { ResourceRequirements } from '../resources';
import type { StepStatus } from '../run';
import type { Condition, ConditionView, DependenciesInput } from './dependency';

/** What a step learns of one of its dependencies. */
export interface DependencyResult {
	status: StepStatus;
	/** Output of the last completed execution; `undefined` when there is none. */
	value: unknown;
	/** Why it failed, if it did. */
	error?: SerializedError;
	/** Why it was skipped or cancelled, or who stopped it, if anybody did. */
	cause?: Cause;
	/** Whether the wait for it was given up. */
	timedOut: boolean;
}

export interface WaitForOptions {
	/** What whoever answers needs to see; JSON. */
	payload?: unknown;
	/** Longest wait, in milliseconds. Then the wait fails with a `TimeoutError`. Default: none. */
	timeoutMs?: number;
}

/** Something that changes the world outside; what it returns is kept as JSON. */
export type Effect<T> = (effect: {
	/** The same for every time it is done, for services that remove duplicates. */
	idempotencyKey: string;
}) => T | Promise<T>;

export interface EffectOptions {
	/** What it works on; JSON. With another input it is another effect. Default: nothing. */
	input?: unknown;
	/**
	 * What happens when it was begun before and nobody knows how it went: people are asked (default;
	 * they answer `{"done": true, "result": …}` or `{"retry": true}`), it is done again, or the step
	 * fails with `EFFECT_UNKNOWN`.
	 */
	whenUnknown?: 'ask' | 'retry' | 'fail';
}

/** What the body of a step can see and do. What is not asked for costs nothing. */
export interface BodyContext {
	readonly runId: string;
	readonly stepId: string;
	/** Stable over retries and restarts: the id, followed by `#2`, `#3`, … for later executions. */
	readonly path: string;
	/** 1, 2, … Goes on counting after a restart. */
	readonly attempt: number;
	/** Which execution of the step this is: 1, 2, … */
	readonly iteration: number;
	/** What the step's `input` gave; without one, the input of the run. */
	readonly input: unknown;
	/** The input of the run. */
	readonly runInput: unknown;
	/** The step's dependencies by id. */
	readonly deps: Readonly<Record<string, DependencyResult>>;
	/**
	 * Paths of the executions this one follows: completed dependencies and steps that named it.
	 */
	readonly parents: readonly string[];
	/** Aborts on cancel and timeout. Made when first read. */
	readonly signal: AbortSignal;
	/** For nested work that is to be cancelled with this attempt. Made when first read. */
	readonly scope: CancellationScope;
	/**
	 * The same for all attempts of this execution with this input, also in other processes; differs
	 * between runs, steps, executions and inputs. For remote sides that remove duplicates.
	 */
	readonly idempotencyKey: string;
	/** The last heartbeat of an earlier attempt. */
	readonly lastHeartbeat: unknown;
	/** What its calls are paid from, when the run has a budget. */
	readonly budget: CallBudget | undefined;
	/** Whose turn it is that this run takes in the pool; runs inside this step take the same. */
	readonly fairnessKey: string;

	/** Milliseconds since the epoch, by the clock of the run. */
	now(): number;

	/** The output of a step's last completed execution, `undefined` when there is none. */
	output(stepId: string): unknown;

	/** Says how far the step is, from 0 to 1, and what it is doing. */
	progress(fraction: number, message?: string): void;

	/** A sign of life for the idle timeout. */
	activity(): void;

	/**
	 * Says what a call waits for, shown as `blockedBy`; `undefined`: it goes on. What a
	 * `ResiliencePolicy` calls as `onBlocked`.
	 */
	blocked(by: BlockedBy | undefined): void;

	/** Tells that a call has opened or closed a circuit. What a `ResiliencePolicy` calls as `onBreaker`. */
	breakerChanged(change: BreakerChange): void;

	/**
	 * Tells of an event of a run inside this attempt, among the events of this run, and takes it as a
	 * sign of life. What happened to a step is told under its path behind this one's; what happened to
	 * the inner run as a whole, this step tells of itself.
	 *
	 * @param name - tells several inner runs of one step apart
	 */
	tell(event: RunEvent, name: string): void;

	/** A sign of life with data that the next attempt can go on from. JSON. */
	heartbeat(data: unknown): void;

	/**
	 * Suspends the step, as {@link waitFor} does, while something else is waited for: for instance an
	 * answer that the run around this one asks for.
	 *
	 * @param wait - begins the wait; how it ends is how this call ends
	 */
	waitElsewhere<Value>(wait: () => Promise<Value>): Promise<Value>;

	/**
	 * Suspends the step until somebody answers with {@link GraphRun.answer}. Meanwhile it holds no
	 * slot and no resources. A step that is started again after a restart gets the answers it already
	 * had at once. An answer counts for the payload it was given to; another one is asked again.
	 *
	 * @param name - names the request within the step
	 * @throws {TimeoutError} when nobody answered in time
	 */
	waitFor(name: string, options?: WaitForOptions): Promise<unknown>;

	/**
	 * Does something outside at most once. That it begins is recorded before, its result after; a
	 * result that is recorded is given back instead of doing it again, over retries and restarts. What
	 * fails without a doubt may be done again. While it is under way, the step neither makes room nor is
	 * broken off by a pause. Needs a journal to remember; without one it only has the last of these.
	 *
	 * @param name - names the effect within the step
	 * @throws {EngineError} `EFFECT_UNKNOWN`; what the effect throws
	 */
	effect<T>(name: string, work: Effect<T>, options?: EffectOptions): Promise<T>;

	/** Adds a step to the run while it is open. */
	addStep(stepId: string, step: GraphStep): void;
}

/**
 * The work of a step. What it returns is the step's output; {@link goTo} also says where to go on.
 */
export type StepBody = (context: BodyContext) => unknown;

/** What undoing a completed step can see. */
export interface CompensationContext {
	readonly runId: string;
	readonly stepId: string;
	readonly path: string;
	readonly attempt: number;
	/** What the step worked on. */
	readonly input: unknown;
	/** What the step returned. */
	readonly output: unknown;
	/** Aborts only when cleaning up takes too long, never because the run was cancelled. */
	readonly signal: AbortSignal;
	/** Another key than the step's own, equally stable. */
	readonly idempotencyKey: string;
}

/** A step as the scheduler takes it. Only `run` is needed. */
export interface GraphStep {
	run: StepBody;
	/** What the step waits for. Default: nothing. */
	dependsOn?: DependenciesInput;
	/**
	 * Steps it may name as successors, so that joins need not wait for it in vain. `[]`: none.
	 * Default: any.
	 */
	next?: readonly string[];
	/** Starts only when another step names it. Default: when another step's `next` lists it. */
	onDemand?: boolean;
	/** Once everything else is ready: the step is skipped unless this holds. */
	when?: Condition;
	/** What the step works on, computed when it starts; JSON. Default: the input of the run. */
	input?: (view: ConditionView) => unknown;
	/** Whether the run may complete although this step fails. Default false. */
	optional?: boolean;
	/** Default: one attempt. */
	retry?: RetryOptions;
	/**
	 * What to do when the journal knows that an earlier process began an attempt, and not how it
	 * ended: run it again (default), ask a person with `{ attempt }` as payload, who answers as for
	 * `onExhausted: 'pause'`, or fail with `OUTCOME_UNKNOWN`. For what must not happen twice; the
	 * journal has to record starts before they happen.
	 */
	whenUnknown?: 'retry' | 'ask' | 'fail';
	/** Default: none. */
	timeouts?: TimeoutPolicy;
	/**
	 * What an attempt takes from the pool of the run. Without a pool, only its priority counts: for
	 * the places of the run.
	 */
	resources?: ResourceRequirements;
	/** Quotas of the pool that it counts for. */
	quotaKeys?: readonly string[];
	/** Undoes the step when the run fails or is cancelled after the step has completed. */
	compensate?: (context: CompensationContext) => unknown;
	/** Attempts of `compensate`. Default: three. */
	compensateRetry?: RetryOptions;
	/**
	 * Whether the step is undone also when it fails, times out or is cancelled after it has begun. Its
	 * output is `undefined` then. Default false.
	 */
	compensateOnFailure?: boolean;
	/** Whether it may run again because its result has expired. Default true. */
	restartable?: boolean;
	/** Whether an attempt may be broken off and repeated, by a pool or an immediate pause. */
	preemptible?: boolean;
	/** Most executions in one run. Default 25. */
	maxIterations?: number;
	/** Share of the run's progress. Default 1. */
	weight?: number;
	/** What it does, in a few words, for progress displays. Default: its id. */
	description?: string;
}

/** An output together with the steps to go on with. Made by {@link goTo}. */
export class FlowResult {
	constructor(
		readonly next: readonly string[],
		readonly output: unknown,
	) {}
}

/**
 * Names the successors of a step: `return goTo('publish')`, `return goTo(['a', 'b'], output)`.
 *
 * Several start at the same time. A step that several steps name runs once, when all of them, and
 * all that may still name it, have ended. `null` names nobody.
 */
export function goTo(next: string | readonly string[] | null, output?: unknown): FlowResult {
	if (next === null) return new FlowResult([], output);
	return new FlowResult(typeof next === 'string' ? [next] : [...new Set(next)], output);
}

/** Steps by id, with a name for messages and records. */
export interface GraphDefinition {
	name: string;
	steps: Readonly<Record<string, GraphStep>>;
	/** Steps to begin with. Default: every step that no other step's `next` lists. */
	start?: readonly string[];
}
