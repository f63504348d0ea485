import {
	toJson,
	ValidationError,
	type EventSink,
	type Json,
	type Logger,
	type Runtime,
} from '../core';
import type { ResourcePool } from '../resources';
import { isRunEnded } from '../run';
import type { AnswerReceipt, RunCheckpoint } from '../scheduler';
import { MAX_PAGE, memoryStore, type Store } from '../store';
import {
	addStep,
	agentKind,
	builtInKinds,
	parseDefinition,
	stepKinds,
	subworkflowKind,
	type AnyStepKind,
	type StepKinds,
	type VersionPolicy,
} from '../workflow';
import type { ActiveRun } from './activeRun';
import { ActiveRuns } from './activeRuns';
import { AgentRegistry } from './agentRegistry';
import { Catalog } from './catalog';
import { WrongStateError } from './errors';
import type { ExecutionRecord } from './executionRecord';
import { Executions, type CleanupOptions, type ExecutionQuery } from './executions';
import {
	resultOf,
	statusOf,
	type ExecutionResult,
	type ExecutionStatus,
	type PendingRequest,
} from './executionView';
import { Metrics } from './metrics';
import { planOf, type RunWork } from './runPlan';
import { runSubworkflow } from './subworkflow';
import { Workflows } from './workflows';
import type { WorkflowType } from './workflowType';

export interface WorkflowManagerOptions {
	runtime: Runtime;
	/** Where workflows and executions live. Default: the memory of this process. */
	store?: Store;
	/** Step kinds besides the built-in ones, e.g. `httpKind(client)`. */
	kinds?: readonly AnyStepKind[];
	/** What the steps of all executions take their resources from. */
	pool?: ResourcePool;
	/** Receive the events of all executions. */
	sinks?: readonly EventSink[];
	logger?: Logger;
	/** Names this process to others that share the store. Default: a new id. */
	owner?: string;
	/** How often an execution whose process died may be taken up again. Default 10. */
	maxRecoveries?: number;
}

export interface StartOptions {
	/** What the run works on; JSON. */
	input?: unknown;
	/** Default: a new id. */
	runId?: string;
	/** One active execution per key: what happens to a second one, `onDuplicate` says. */
	idempotencyKey?: string;
	/**
	 * `attach` answers with the execution there is; `reject` fails; `replace` cancels it; `new` starts
	 * another one if it has ended. Default `attach`.
	 */
	onDuplicate?: 'attach' | 'reject' | 'replace' | 'new';
	metadata?: Readonly<Record<string, unknown>>;
	/** Longest time of the run, in milliseconds. Default: what the workflow says. */
	timeoutMs?: number;
}

/**
 * Keeps workflows and runs them: the operations of documents 000, 001 and 003 on one store.
 *
 * Everything is in the store, so that any process can ask for the status of an execution, and take
 * it up where a dead one left it. An execution runs in one process at a time.
 */
export class WorkflowManager {
	readonly workflows: Workflows;
	readonly agents: AgentRegistry;
	readonly metrics = new Metrics();

	private readonly runtime: Runtime;
	private readonly kinds: StepKinds;
	private readonly executions: Executions;
	private readonly catalog: Catalog;
	private readonly runs: ActiveRuns;

	constructor(private readonly options: WorkflowManagerOptions) {
		const { runtime, store = memoryStore(runtime), kinds = [], sinks = [] } = options;
		const { owner = runtime.newId(), pool, logger } = options;
		this.runtime = runtime;
		this.agents = new AgentRegistry(runtime);
		this.kinds = stepKinds(
			...builtInKinds,
			agentKind(async (call) => await this.agents.run(call)),
			subworkflowKind(async (call) => await runSubworkflow(this, call)),
			...kinds,
		);
		this.workflows = new Workflows(store, runtime, this.kinds);
		this.catalog = new Catalog(this.workflows);
		this.executions = new Executions(store, runtime);
		this.runs = new ActiveRuns({
			...{ runtime, store, owner, pool, logger, sinks },
			...{ executions: this.executions, kinds: this.kinds, metrics: this.metrics },
		});
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
		const { idempotencyKey, runId = this.runtime.newId() } = options;
		if (idempotencyKey !== undefined) {
			const other = await this.duplicate(idempotencyKey, runId, options.onDuplicate);
			if (other !== undefined) return { runId: other };
		}
		const { work: found, ...names } = await this.catalog.find(workflow);
		const work = withLimit(found, options.timeoutMs);
		const now = this.runtime.now();
		const record: ExecutionRecord = {
			schemaVersion: 1,
			runId,
			...names,
			...('definition' in work ? { definition: work.definition } : {}),
			status: 'pending',
			progress: 0,
			steps: [],
			requests: [],
			input: toJson(options.input),
			metadata: { ...options.metadata },
			...(idempotencyKey === undefined ? {} : { idempotencyKey }),
			recoveries: 0,
			createdAt: now,
			startedAt: now,
			updatedAt: now,
		};
		// Before anything is stored: a workflow that cannot run leaves no execution behind.
		planOf(work, { kinds: this.kinds, runtime: this.runtime });
		await this.executions.create(record);
		await this.runs.launch(record, work);
		return { runId };
	}

	/** Starts an execution and waits for its end; see {@link start}. It never rejects for a step. */
	async run(workflow: unknown, options: StartOptions = {}): Promise<ExecutionResult> {
		const { runId } = await this.start(workflow, options);
		return await this.wait(runId);
	}

	/** Whether an execution runs in this process. */
	isHere(runId: string): boolean {
		return this.runs.get(runId) !== undefined;
	}

	/** Waits until an execution has ended, over pauses and answers, in this process. */
	async wait(runId: string): Promise<ExecutionResult> {
		const ended = this.runs.end(runId);
		const record = await this.executions.get(runId);
		return resultOf(isRunEnded(record.status) ? record : await ended);
	}

	/** @throws {UnknownError} when there is no such execution */
	async status(runId: string): Promise<ExecutionStatus> {
		const record = await this.executions.get(runId);
		return statusOf(this.runs.get(runId)?.view(record) ?? record);
	}

	/**
	 * @throws {UnknownError} when there is no such execution
	 * @throws {WrongStateError} when it has not ended
	 */
	async result(runId: string): Promise<ExecutionResult> {
		const record = await this.executions.get(runId);
		if (isRunEnded(record.status)) return resultOf(record);
		throw new WrongStateError(runId, record.status, 'asked for its result');
	}

	/** Lists executions, last updated first. */
	async list(
		query: ExecutionQuery = {},
	): Promise<{ executions: ExecutionStatus[]; total: number }> {
		const { executions, total } = await this.executions.list(query);
		return { executions: executions.map(statusOf), total };
	}

	/** Everything that people are asked by executions under way, oldest first. */
	async requests(): Promise<PendingRequest[]> {
		const { executions } = await this.executions.list({ active: true, limit: MAX_PAGE });
		return executions
			.map((record) => this.runs.get(record.runId)?.view(record) ?? record)
			.flatMap(({ runId, workflowId, name, requests }) =>
				requests.map((request) => ({ runId, workflowId, workflow: name, request })),
			)
			.sort((first, second) => first.request.openedAt - second.request.openedAt);
	}

	/**
	 * Lets running steps finish and stops before the next ones.
	 *
	 * @returns the checkpoint; nothing when another process runs it, which will obey soon
	 * @throws {WrongStateError} when it has ended
	 */
	async pause(
		runId: string,
		mode: 'finish' | 'immediate' = 'finish',
	): Promise<RunCheckpoint | undefined> {
		const record = await this.open(runId, 'paused');
		const active = this.runs.get(runId);
		if (active === undefined) {
			if (record.status === 'paused') return record.checkpoint as RunCheckpoint;
			await this.wish(runId, 'pause');
			return undefined;
		}
		const checkpoint = await active.run.pause(mode);
		if (!isRunEnded(active.run.status)) await this.runs.unload(active, checkpoint);
		return checkpoint;
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
		const record = await this.open(runId, 'resumed');
		if (this.runs.get(runId) !== undefined)
			throw new WrongStateError(runId, record.status, 'resumed');
		const { work, restart } = await this.catalog.workOf(record, versions);
		const died = record.status !== 'paused';
		const recoveries = record.recoveries + (died ? 1 : 0);
		if (recoveries > (this.options.maxRecoveries ?? 10)) {
			throw new ValidationError(
				`Execution "${runId}" has been taken up ${record.recoveries} times and is left alone now.`,
				{ hint: 'Find out what ends its process, then start a new execution.' },
			);
		}
		await this.runs.launch(
			{ ...record, recoveries },
			work,
			restart ? undefined : record.checkpoint,
		);
		return await this.status(runId);
	}

	/** Stops an execution; what completed is undone where the workflow says how. */
	async cancel(runId: string, message?: string): Promise<ExecutionStatus> {
		const record = await this.open(runId, 'cancelled');
		const active = this.runs.get(runId);
		if (active !== undefined) {
			const ended = this.runs.end(runId);
			void active.run.cancel(message);
			return statusOf(await ended);
		}
		if (record.status !== 'paused') return statusOf(await this.wish(runId, 'cancel'));
		await this.runs.launch(
			record,
			(await this.catalog.workOf(record, 'pinned')).work,
			record.checkpoint,
		);
		return await this.cancel(runId, message);
	}

	/** Stops one step. @returns false when there was nothing to stop */
	async cancelStep(runId: string, stepId: string): Promise<boolean> {
		return (await this.here(runId)).run.cancelStep(stepId);
	}

	/** Stops every execution of this process. @returns their ids */
	async cancelAll(message?: string): Promise<string[]> {
		const runIds = this.runs.runIds;
		await Promise.all(runIds.map(async (runId) => await this.cancel(runId, message)));
		return runIds;
	}

	/** Answers what a step asks; see `requests` of the status. The first answer counts. */
	async answer(runId: string, requestId: string, value: unknown): Promise<AnswerReceipt> {
		return await (await this.here(runId)).run.answer(requestId, value);
	}

	/** Adds a step to an execution that is under way. The stored workflow stays as it is. */
	async addStep(runId: string, step: unknown): Promise<void> {
		const active = await this.here(runId);
		const { definition: before, input } = await this.executions.get(runId);
		if (before === undefined) throw new ValidationError(`Execution "${runId}" is written in code.`);
		const definition = addStep(parseDefinition(before), step);
		const options = { kinds: this.kinds, runtime: this.runtime, input: input as Json };
		const { id } = definition.steps.at(-1)!;
		active.run.addStep(id, planOf({ definition }, options).graph.steps.get(id)!);
		await active.save({ definition });
	}

	/** Removes ended executions with all that belongs to them. @returns their ids */
	async cleanup(options: CleanupOptions = {}): Promise<string[]> {
		return await this.executions.cleanup(options);
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
		const runIds = this.runs.runIds;
		await Promise.all(runIds.map(async (runId) => await this.pause(runId, 'immediate')));
		return runIds;
	}

	/** The execution that a key stands for, when it is to be answered instead of a new one. */
	private async duplicate(
		key: string,
		runId: string,
		onDuplicate: StartOptions['onDuplicate'] = 'attach',
	): Promise<string | undefined> {
		const other = await this.executions.claim(key, runId);
		if (other === runId) return undefined;
		const { status } = await this.executions.get(other);
		if (onDuplicate === 'attach') return other;
		const ended = isRunEnded(status);
		if (onDuplicate === 'reject' || (onDuplicate === 'new' && !ended)) {
			throw new WrongStateError(other, status, `started again under the key "${key}"`);
		}
		if (!ended) await this.cancel(other, 'Another execution takes its place.');
		const holder = await this.executions.claim(key, runId, other);
		return holder === runId ? undefined : holder;
	}

	private async open(runId: string, what: string): Promise<ExecutionRecord> {
		const record = await this.executions.get(runId);
		if (isRunEnded(record.status)) throw new WrongStateError(runId, record.status, what);
		return record;
	}

	/** The execution, as it runs here. */
	private async here(runId: string): Promise<ActiveRun> {
		const { status } = await this.open(runId, 'changed');
		const active = this.runs.get(runId);
		if (active !== undefined) return active;
		throw new WrongStateError(runId, `${status}, but not in this process,`, 'changed from here');
	}

	private async wish(runId: string, wish: 'pause' | 'cancel'): Promise<ExecutionRecord> {
		return await this.executions.change(runId, (record) => ({ ...record, wish }));
	}
}

function withLimit(work: RunWork, timeoutMs: number | undefined): RunWork {
	if ('type' in work || timeoutMs === undefined) return work;
	return { definition: { ...work.definition, timeoutMs } };
}
