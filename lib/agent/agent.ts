import { ValidationError, type Cause } from '../core';
import {
	documentedStatus,
	isRunEnded,
	type DocumentedRunStatus,
	type RunStatus,
	type Suspension,
} from '../run';
import {
	restoreGraph,
	runCheckpointSchema,
	startGraph,
	type AnswerReceipt,
	type CancelMode,
	type GraphRun,
	type GraphRunOptions,
	type Progress,
	type RunCheckpoint,
} from '../scheduler';
import {
	agentGraph,
	stateStep,
	type AddedState,
	type SharedParts,
	type StateOutput,
} from './agentGraph';
import { agentMetrics, stateMetadata, statesThat } from './agentStatus';
import type {
	AgentMetrics,
	AgentOptions,
	AgentResult,
	AgentRunOptions,
	StateMetadata,
} from './agentTypes';
import type { StateFunction, StateOptions } from './context';
import { StateStore, type StateWrite } from './stateStore';

/**
 * An agent whose work is a set of states, each a function that does something and says where to go
 * on.
 *
 * ```ts
 * const agent = new Agent('hello', { runtime });
 * agent.addState('process', (context) => {
 * 	context.set('greeting', 'Hello, World!');
 * 	return 'format';
 * });
 * agent.addState('format', (context) => context.set('result', `Result: ${context.get('greeting')}`));
 * const { state } = await agent.run();
 * ```
 *
 * A list as next state runs in parallel; a state that several of them name runs once, after all of
 * them. A run never rejects because of a state: look at the `status` of its result.
 */
export class Agent {
	private readonly states = new Map<string, AddedState>();
	private store: StateStore;
	private current: GraphRun | undefined;
	private restored: RunCheckpoint | undefined;

	constructor(
		readonly name: string,
		private readonly options: AgentOptions,
	) {
		this.store = this.newStore();
	}

	/**
	 * Adds a state. While the agent runs, the new state starts when it is named or its dependencies
	 * let it.
	 *
	 * @throws {ValidationError} when the name is taken
	 */
	addState(name: string, run: StateFunction, options: StateOptions = {}): this {
		if (this.states.has(name)) {
			throw new ValidationError(`Agent "${this.name}" already has a state "${name}".`);
		}
		const state = { run, options };
		this.states.set(name, state);
		if (this.isOpen) {
			const onDemand = Object.keys(options.dependencies ?? {}).length === 0;
			this.current!.addStep(name, stateStep(state, this.shared, onDemand));
		}
		return this;
	}

	/**
	 * Runs the agent from its start, with fresh state.
	 *
	 * @throws {ValidationError} when it is running already, or its states do not fit together
	 */
	async run(options: AgentRunOptions = {}): Promise<AgentResult> {
		this.refuseSecondRun();
		this.store = this.newStore();
		this.restored = undefined;
		const graph = agentGraph(this.name, this.states, this.start, this.shared);
		this.current = startGraph(graph, this.runOptions(options));
		return await this.finish();
	}

	/** Lets running states finish and stops before the next ones. @returns a checkpoint */
	async pause(mode?: 'finish' | 'immediate'): Promise<RunCheckpoint> {
		return await this.running('paused').pause(mode);
	}

	/** Goes on after a pause or from a restored checkpoint, to the end. */
	async resume(options: AgentRunOptions = {}): Promise<AgentResult> {
		if (this.restored !== undefined) {
			const checkpoint = this.restored;
			this.restored = undefined;
			const graph = agentGraph(checkpoint.name, this.states, this.start, this.shared);
			this.current = restoreGraph(graph, checkpoint, this.runOptions(options));
		} else {
			this.running('resumed').resume();
		}
		return await this.finish();
	}

	/** Everything another process needs to go on, as JSON. */
	createCheckpoint(): RunCheckpoint {
		return this.running('checkpointed').checkpoint();
	}

	/**
	 * Takes over from a checkpoint; {@link resume} then goes on. The agent needs the same states.
	 *
	 * @throws {ValidationError} when it is running already, or the checkpoint is not one
	 */
	restoreFromCheckpoint(checkpoint: unknown): void {
		this.refuseSecondRun();
		const restored = runCheckpointSchema.safeParse(checkpoint);
		if (!restored.success) {
			throw new ValidationError(`Agent "${this.name}" was given something else than a checkpoint.`);
		}
		this.store = this.newStore();
		this.store.load(restored.data.snapshot);
		this.restored = checkpoint as RunCheckpoint;
	}

	/** Cancels one state. @returns false when there was nothing to cancel */
	cancelState(name: string, mode?: CancelMode): boolean {
		return this.running('cancelled').cancelStep(name, { mode });
	}

	/** Cancels everything. @returns how the run ended */
	async cancelAll(
		message?: string,
		options?: { mode?: CancelMode; kind?: Cause['kind'] },
	): Promise<AgentResult> {
		await this.running('cancelled').cancel(message, options);
		return await this.finish();
	}

	/** What people are asked now, oldest first. */
	get requests(): Suspension[] {
		return this.current?.requests ?? [];
	}

	/** Answers a person's question. The first acceptable answer counts. */
	async answer(requestId: string, value: unknown): Promise<AnswerReceipt> {
		return await this.running('answered').answer(requestId, value);
	}

	/** Waits until the run has ended, is paused, or waits for people alone. */
	async untilIdle(): Promise<RunStatus> {
		return await this.running('waited for').untilIdle();
	}

	/** IDLE, RUNNING, PAUSED, COMPLETED or FAILED. */
	get status(): DocumentedRunStatus {
		return documentedStatus(this.current?.status ?? 'pending');
	}

	get progress(): Progress | undefined {
		return this.current?.progress;
	}

	/** The shared state, as far as everything parallel has joined. */
	get state(): Record<string, unknown> {
		return this.store.toObject();
	}

	/** Each state by name: status, attempts, times, error. */
	get stateMetadata(): Record<string, StateMetadata> {
		return stateMetadata(this.current);
	}

	/** Names of the states whose last execution has completed. */
	get completedStates(): string[] {
		return statesThat(this.current, (status) => status === 'completed');
	}

	get runningStates(): string[] {
		return statesThat(this.current, (status) => status === 'running');
	}

	get metrics(): AgentMetrics {
		return agentMetrics(this.current);
	}

	private get start(): readonly string[] | undefined {
		const { start } = this.options;
		return typeof start === 'string' ? [start] : start;
	}

	private get shared(): SharedParts {
		return {
			store: this.store,
			addState: (name, run, options) => this.addState(name, run, options),
		};
	}

	private get isOpen(): boolean {
		return this.current !== undefined && !isRunEnded(this.current.status);
	}

	private newStore(): StateStore {
		const { state: values, reducers } = this.options;
		return new StateStore({ values, reducers });
	}

	private runOptions(options: AgentRunOptions): GraphRunOptions {
		const { runtime, resourcePool, maxConcurrent, journal, sinks, logger } = this.options;
		const { budget, endpoints } = this.options;
		const { store } = this;
		return {
			...options,
			runtime,
			pool: resourcePool,
			maxConcurrent,
			journal,
			sinks,
			logger,
			budget,
			endpoints,
			checkpointEveryMs: this.options.checkpointIntervalMs,
			onCheckpoint: this.options.onCheckpoint,
			snapshot: () => store.save(),
			onCompleted: ({ path, parents, output, quiet }) => {
				store.commit(path, parents, writesIn(output), quiet);
			},
		};
	}

	private async finish(): Promise<AgentResult> {
		const { runId, status, outcome, error, cause } = await this.current!.result;
		return {
			runId,
			status,
			outcome,
			state: this.store.finalState(),
			...(error && { error }),
			...(cause && { cause }),
		};
	}

	private running(what: string): GraphRun {
		if (this.current !== undefined) return this.current;
		throw new ValidationError(`Agent "${this.name}" has not run yet and cannot be ${what}.`);
	}

	private refuseSecondRun(): void {
		if (!this.isOpen) return;
		throw new ValidationError(`Agent "${this.name}" is ${this.current!.status} already.`);
	}
}

/** What a state wrote; a default value or a person's answer stands in for it without writes. */
function writesIn(output: unknown): readonly StateWrite[] {
	const { writes } = (output ?? {}) as Partial<StateOutput>;
	return Array.isArray(writes) ? writes : [];
}
