import type { Runtime, SerializedError, Usage } from '../core';
import { isRunEnded } from '../run';
import type { AnswerReceipt, RunCheckpoint } from '../scheduler';
import { memoryStore, type Store } from '../store';
import {
	agentKinds,
	builtInKinds,
	stepKinds,
	subworkflowKind,
	type AgentCall,
	type AnyStepKind,
	type StepKinds,
	type VersionPolicy,
} from '../workflow';
import { ActiveRuns } from './activeRuns';
import { AgentRegistry } from './agentRegistry';
import { Catalog } from './catalog';
import { Commands } from './commands';
import { Controls } from './controls';
import { WrongStateError } from './errors';
import { EventFeed, type EventQuery, type FedEvent } from './eventFeed';
import { detailOf, type ExecutionDetail } from './executionDetail';
import type { ExecutionRecord } from './executionRecord';
import { ACTIVE, Executions, type CleanupOptions, type ExecutionQuery } from './executions';
import type { ExecutionSummary } from './executionSummary';
import {
	resultOf,
	statusOf,
	type ExecutionResult,
	type ExecutionStatus,
	type PendingRequest,
} from './executionView';
import { LocalRuns } from './localRuns';
import type { WorkflowManagerOptions } from './managerOptions';
import { Metrics } from './metrics';
import { pendingRequests } from './pendingRequests';
import { recoverAll, type Recovery } from './recover';
import { Starter, type StartOptions } from './starter';
import { runSubworkflow, waitingParent } from './subworkflow';
import { Workflows } from './workflows';
import type { WorkflowType } from './workflowType';

/**
 * Keeps workflows and runs them: the operations of documents 000, 001 and 003 on one store.
 *
 * Everything is in the store, so that any process can ask for the status of an execution, control
 * it, and take it up where a dead one left it. An execution runs in one process at a time.
 */
export class WorkflowManager {
	readonly workflows: Workflows;
	readonly agents: AgentRegistry;
	readonly metrics: Metrics;

	private readonly runtime: Runtime;
	private readonly store: Store;
	private readonly caller: string | undefined;
	private readonly feed: EventFeed;
	private readonly executions: Executions;
	private readonly catalog: Catalog;
	private readonly local: LocalRuns;
	private readonly runs: ActiveRuns;
	private readonly controls: Controls;
	private readonly starter: Starter;

	constructor(options: WorkflowManagerOptions) {
		const { runtime, store = memoryStore(runtime), sinks = [] } = options;
		const { owner = runtime.newId(), local = new LocalRuns(), caller } = options;
		const { pool, logger, maxRecoveries = 10, releaseWaiting = false, keepEvents } = options;
		this.runtime = runtime;
		this.metrics = options.metrics ?? new Metrics();
		this.agents = new AgentRegistry(runtime);
		const kinds = this.kindsWith(options.kinds);
		this.local = local;
		this.workflows = new Workflows(store, runtime, kinds, caller);
		this.catalog = new Catalog(this.workflows);
		this.store = store;
		this.caller = caller;
		this.feed = new EventFeed(store, runtime);
		this.executions = new Executions(store, runtime, this.feed, caller);
		const feed = keepEvents ? this.feed : undefined;
		const { catalog, executions, metrics } = this;
		const shared = { runtime, kinds, executions, catalog, local };
		this.runs = new ActiveRuns({
			...{ ...shared, store, feed, metrics, owner, pool, sinks, logger, releaseWaiting },
			onWake: (runId) => void this.wake(runId),
			onLaunch: () => this.controls.watch(),
			onEnd: (record) => void this.tellParent(record).catch(() => undefined),
		});
		const { runs } = this;
		const commands = new Commands(store, runtime);
		this.controls = new Controls({ ...shared, runs, commands, maxRecoveries });
		const cancel = async (runId: string, message: string) => await this.cancel(runId, message);
		this.starter = new Starter({ ...shared, runs, cancel });
	}

	private kindsWith(kinds: readonly AnyStepKind[] = []): StepKinds {
		return stepKinds(
			...builtInKinds,
			...agentKinds(async (call) => await this.agents.run(call)),
			subworkflowKind(async (call) => await runSubworkflow(this, call)),
			...kinds,
		);
	}

	/** Makes a workflow written in code known; see `defineWorkflow` and `workflowClass`. */
	register(type: WorkflowType): void {
		this.catalog.register(type);
	}

	/** Names of the registered workflow types. */
	get workflowTypes(): string[] {
		return this.catalog.types;
	}

	/**
	 * Starts an execution and answers at once.
	 *
	 * @param workflow - id of a stored workflow, name of a registered type, or a definition
	 * @throws {UnknownError} when there is no such workflow
	 * @throws {ValidationError} when the workflow cannot run
	 */
	async start(workflow: unknown, options: StartOptions = {}): Promise<{ runId: string }> {
		return await this.starter.start(workflow, options);
	}

	/** Starts an execution and waits for its end; see {@link start}. It never rejects for a step. */
	async run(workflow: unknown, options: StartOptions = {}): Promise<ExecutionResult> {
		const { runId } = await this.start(workflow, options);
		return await this.wait(runId);
	}

	/** Whether an execution runs in this process. */
	isHere(runId: string): boolean {
		return this.local.get(runId) !== undefined;
	}

	/** Waits until an execution has ended, over pauses and answers, in this process. */
	async wait(runId: string): Promise<ExecutionResult> {
		const ended = this.local.end(runId);
		const record = await this.executions.get(runId);
		return resultOf(isRunEnded(record.status) ? record : await ended);
	}

	/**
	 * Waits until an execution has ended, is paused, or is let go of because it waits for people; at
	 * once when it does not run in this process.
	 */
	async untilRest(runId: string): Promise<ExecutionStatus> {
		const rests = this.local.rest(runId);
		await this.local.settled(runId);
		if (this.isHere(runId)) await rests;
		return await this.status(runId);
	}

	/** @throws {UnknownError} when there is no such execution */
	async status(runId: string): Promise<ExecutionStatus> {
		const record = await this.record(runId);
		const active = this.local.get(runId);
		if (active !== undefined) return statusOf(active.view(record));
		const runs = record.status === 'running' || record.status === 'cancelling';
		if (!runs || (await this.runs.holder(runId)) !== undefined) return statusOf(record);
		return { ...statusOf(record), interrupted: true };
	}

	/**
	 * @throws {UnknownError} when there is no such execution
	 * @throws {WrongStateError} when it has not ended
	 */
	async result(runId: string): Promise<ExecutionResult> {
		const record = await this.record(runId);
		if (isRunEnded(record.status)) return resultOf(record);
		throw new WrongStateError(runId, record.status, 'asked for its result');
	}

	/**
	 * The status of an execution with all it is made of: graph, input, outputs and checkpoint.
	 *
	 * @throws {UnknownError} when there is no such execution
	 */
	async detail(runId: string): Promise<ExecutionStatus & ExecutionDetail> {
		const record = await this.executions.get(runId);
		const [status, detail] = await Promise.all([
			this.status(runId),
			detailOf(record, this.store, this.runtime),
		]);
		return { ...status, ...detail };
	}

	/**
	 * What has happened: everything in one execution, or the important events of all.
	 *
	 * @returns events in their order, and where to go on reading
	 * @throws {UnknownError} when there is no such execution
	 */
	async events(query: EventQuery = {}): Promise<{ events: FedEvent[]; last: number }> {
		if (query.runId !== undefined) await this.executions.get(query.runId);
		return await this.feed.read(query, this.caller);
	}

	/** Lists executions, last updated first. */
	async list(
		query: ExecutionQuery = {},
	): Promise<{ executions: ExecutionSummary[]; total: number }> {
		return await this.executions.list(query);
	}

	/** Everything that people are asked by executions under way, oldest first. */
	async requests(): Promise<PendingRequest[]> {
		return await pendingRequests(this.executions, this.local);
	}

	/**
	 * Lets running steps finish and stops before the next ones.
	 *
	 * @returns the checkpoint; nothing when its process died before there was one
	 * @throws {WrongStateError} when it has ended
	 */
	async pause(
		runId: string,
		mode: 'finish' | 'immediate' = 'finish',
	): Promise<RunCheckpoint | undefined> {
		return (await this.controls.perform(runId, { type: 'pause', mode })) ?? undefined;
	}

	/**
	 * Goes on with a paused execution, or with one whose process died: what was recorded as done is
	 * not done again.
	 *
	 * @param versions - what to do when the workflow was changed meanwhile. Default `pinned`
	 * @throws {WrongStateError} when it has ended or runs here already
	 * @throws {EngineError} `LEASE_HELD` while another process runs it
	 */
	async resume(runId: string, versions: VersionPolicy = 'pinned'): Promise<ExecutionStatus> {
		await this.controls.resume(runId, versions);
		return await this.status(runId);
	}

	/**
	 * Goes on with every execution whose process died, and with those whose waiting time is over.
	 * For the start of a process, and for a schedule.
	 */
	async recover(): Promise<Recovery> {
		const { executions, runs } = this;
		const resume = async (runId: string) => await this.controls.resume(runId, 'pinned');
		return await recoverAll({
			...{ executions, runs, resume },
			isHere: (runId) => this.isHere(runId),
			now: () => this.runtime.now(),
		});
	}

	/** Stops an execution; what completed is undone where the workflow says how. */
	async cancel(runId: string, message?: string): Promise<ExecutionStatus> {
		await this.controls.perform(runId, { type: 'cancel', ...(message && { message }) });
		return await this.status(runId);
	}

	/** Stops one step. @returns false when there was nothing to stop */
	async cancelStep(runId: string, stepId: string): Promise<boolean> {
		return await this.controls.perform(runId, { type: 'cancelStep', stepId });
	}

	/** Stops every execution that has not ended, wherever it runs. @returns their ids */
	async cancelAll(message?: string, workflowId?: string): Promise<string[]> {
		const active = await this.executions.all({ status: ACTIVE });
		const chosen = active.filter(
			(one) => workflowId === undefined || one.workflowId === workflowId,
		);
		const runIds = chosen.map(({ runId }) => runId);
		await Promise.all(
			runIds.map(async (runId) => {
				// One may have ended meanwhile.
				await this.cancel(runId, message).catch(async (error: Error) => {
					if (error instanceof WrongStateError) return;
					await Promise.reject(error);
				});
			}),
		);
		return runIds;
	}

	/** Answers what a step asks; see `requests` of the status. The first answer counts. */
	async answer(runId: string, requestId: string, value: unknown): Promise<AnswerReceipt> {
		return await this.controls.perform(runId, { type: 'answer', requestId, value });
	}

	/** Adds a step to an execution that is under way. The stored workflow stays as it is. */
	async addStep(runId: string, step: unknown): Promise<void> {
		await this.controls.perform(runId, { type: 'addStep', step });
	}

	/** Removes ended executions with all that belongs to them. @returns their ids */
	async cleanup(options: CleanupOptions = {}): Promise<string[]> {
		return await this.executions.cleanup(options);
	}

	/** Notes that a step gave less than it could have, because of this error. */
	cutShort({ attempt }: Pick<AgentCall, 'attempt'>, error: SerializedError): void {
		this.local.get(attempt.runId.split('/')[0]!)?.cutShort(error);
	}

	/** Books what a step has used, in tokens and money; shown in the status of its execution. */
	book({ attempt }: Pick<AgentCall, 'attempt'>, usage: Usage): void {
		// The runs inside a step have its path in their ids.
		const [runId = '', ...path] = `${attempt.runId}/${attempt.path}`.split('/');
		this.local.get(runId)?.book(path[0]!.replace(/#\d+$/, ''), usage);
	}

	/** Metrics of this process in Prometheus' text format. */
	metricsText(): string {
		return this.metrics.text(this.agents.health());
	}

	/**
	 * Pauses everything in this process, so that it can end. Executions are resumed by whoever comes
	 * next.
	 */
	async drain(): Promise<string[]> {
		const { runIds } = this.local;
		await Promise.all(runIds.map(async (runId) => await this.pause(runId, 'immediate')));
		return runIds;
	}

	/** The record of an execution; of one that ends here just now, once lists show its end, too. */
	private async record(runId: string): Promise<ExecutionRecord> {
		const record = await this.executions.get(runId);
		if (isRunEnded(record.status) && this.isHere(runId)) await this.local.rest(runId);
		return record;
	}

	private async wake(runId: string): Promise<void> {
		const { status } = await this.executions.get(runId);
		if (status !== 'waiting') return;
		await this.controls.resume(runId, 'pinned');
	}

	/** A step of another execution may wait for the end of this one. */
	private async tellParent(record: ExecutionRecord): Promise<void> {
		const waiting = await waitingParent(record, this.executions, this.local);
		if (waiting !== undefined) await this.answer(waiting.runId, waiting.requestId, null);
	}
}
