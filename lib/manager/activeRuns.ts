import type { RunBudget } from '../budget';
import { type EventSink, type Json, type Logger, type Runtime, type Usage } from '../core';
import type { ResourcePool } from '../resources';
import { openLedger } from '../run';
import {
	restoreGraph,
	startGraph,
	type GraphRun,
	type GraphRunOptions,
	type RunCheckpoint,
} from '../scheduler';
import { acquireLease, leaseHolder, type LeaseHolder, type Store } from '../store';
import type { StepKinds, WorkflowDefinition } from '../workflow';
import { prefixedJournal } from '../workflow/prefixedJournal';
import { ActiveRun } from './activeRun';
import type { EventFeed } from './eventFeed';
import { readLedger, saveLedger } from './executionBudget';
import { ledgerPrefix, type ExecutionRecord, type ExecutionVersion } from './executionRecord';
import type { Executions } from './executions';
import type { LocalRuns } from './localRuns';
import type { Metrics } from './metrics';
import { namesOf, planOf, type RunPlan, type RunWork } from './runPlan';

/** What runs need from around them. */
export interface ActiveRunsOptions {
	runtime: Runtime;
	store: Store;
	executions: Executions;
	kinds: StepKinds;
	metrics: Metrics;
	/** Keeps the events of all executions. Default: nobody does. */
	feed: EventFeed | undefined;
	local: LocalRuns;
	/** Names this process to others. */
	owner: string;
	pool: ResourcePool | undefined;
	sinks: readonly EventSink[];
	logger: Logger | undefined;
	/** Lets go of executions that wait for people or a time alone. */
	releaseWaiting: boolean;
	/** The time of a wait that was let go of is up. */
	onWake: (runId: string) => void;
	/** An execution runs here from now on. */
	onLaunch: () => void;
	onEnd: (record: ExecutionRecord) => void;
}

/** A dead process keeps others out for so long, in milliseconds. */
const LEASE_TTL_MS = 15_000;

/** Waits that end by themselves sooner are not worth letting go, in milliseconds. */
const SHORT_WAIT_MS = 5000;

/** How executions are run in this process: with a lease, a ledger, and a record that follows. */
export class ActiveRuns {
	constructor(private readonly options: ActiveRunsOptions) {}

	/** Who runs an execution now, as far as the store knows. */
	async holder(runId: string): Promise<LeaseHolder | undefined> {
		const { store, runtime } = this.options;
		return await leaseHolder(store, runtime, leaseName(runId));
	}

	/**
	 * Runs an execution here, from its beginning or from a checkpoint. What its ledger has is not done
	 * again. Call `free` of what it returns when nothing more is to be done with it at once.
	 *
	 * @throws {WrongStateError} when it runs here already
	 * @throws {EngineError} `LEASE_HELD` while another process runs it
	 */
	async launch(record: ExecutionRecord, work: RunWork, checkpoint?: unknown): Promise<ActiveRun> {
		const { local } = this.options;
		const active = await local.launch(record, async () => {
			const { runtime, store, owner, kinds, pool, logger, executions } = this.options;
			const { runId } = record;
			const lease = await acquireLease({
				...{ store, runtime, owner, runId },
				name: leaseName(runId),
				ttlMs: LEASE_TTL_MS,
			});
			const ledger = await openLedger({ store, runtime, runId, lease });
			const prefix = ledgerPrefix(record);
			const journal = prefix === '' ? ledger : prefixedJournal(ledger, prefix);
			const shared = { runtime, input: record.input as Json, journal, pool, logger };
			const known = await readLedger(store, runId);
			const names = namesOf(record);
			const plan = planOf(work, { ...shared, kinds, names, ...(known && { ledger: known }) });
			const budget = plan.budget && this.saved(plan.budget, runId);
			const events = this.options.feed?.writerFor(record);
			const sinks = events === undefined ? [] : [events.sink];
			const options = { ...shared, ...limitsOf(record, work), sinks, ...(budget && { budget }) };
			const run = this.begin(record, plan, options, checkpoint);
			return new ActiveRun({
				...{ runtime, run, lease, executions, outputOf: plan.outputOf },
				version: versionOf(record),
				usage: usageOf(record),
				flush: async () => {
					await events?.flush();
					await ledger.flush();
					await budget?.save?.();
				},
			});
		});
		this.follow(active);
		this.options.onLaunch();
		const { recoveries } = record;
		await active.save({ recoveries, checkpoint: undefined, wakeAt: undefined });
		return active;
	}

	private saved(budget: RunBudget, runId: string): RunBudget {
		const { store } = this.options;
		return { ...budget, save: async () => await saveLedger(store, runId, budget.ledger) };
	}

	private begin(
		{ runId, workflowId }: ExecutionRecord,
		{ graph }: RunPlan,
		{ sinks: own = [], ...options }: Omit<GraphRunOptions, 'runId'>,
		checkpoint: unknown,
	): GraphRun {
		const { metrics, sinks } = this.options;
		const all = { ...options, runId, sinks: [metrics.sinkFor(workflowId), ...own, ...sinks] };
		return checkpoint === undefined
			? startGraph(graph, all)
			: restoreGraph(graph, checkpoint, { ...all, renamed: true });
	}

	/** Stores how the run ends, and lets go of it when it only waits. */
	private follow(active: ActiveRun): void {
		const { runtime, local, metrics, releaseWaiting } = this.options;
		const { run } = active;
		void run.result.then(async (result) => {
			const ended = await active.end(result, runtime.now());
			local.tellEnd(ended);
			this.options.onEnd(ended);
		});
		const forget = (): void => {
			local.forget(run.runId);
			metrics.letGo(run.runId);
		};
		active.lost.addEventListener('abort', forget, { once: true });
		if (!releaseWaiting) return;
		active.onFree = () => void this.rest(active);
		run.subscribe(({ type }) => {
			// Later, because an answer that is known already lets the run go on at once.
			if (type === 'run.waiting') runtime.setTimer(0, () => void this.rest(active));
		});
	}

	private async rest(active: ActiveRun): Promise<void> {
		const { local } = this.options;
		const { run } = active;
		if (active.isHeld || run.status !== 'waiting' || local.get(run.runId) !== active) return;
		const { runtime, onWake } = this.options;
		if ((active.wakeAt ?? Infinity) - runtime.now() < SHORT_WAIT_MS) return;
		const { runId, wakeAt } = await this.unload(active, run.checkpoint());
		if (wakeAt !== undefined) local.wakeAt(runId, wakeAt, runtime, () => onWake(runId));
	}

	/** Stores a run that is paused or waits, and lets go of it. */
	async unload(active: ActiveRun, checkpoint: RunCheckpoint): Promise<ExecutionRecord> {
		const { local, metrics } = this.options;
		metrics.letGo(active.run.runId);
		return await local.leave(active.run.runId, async () => await active.unload(checkpoint));
	}
}

function leaseName(runId: string): string {
	return `execution/${runId}`;
}

function versionOf({
	definition,
	workflowVersion,
	change,
	restarts,
}: ExecutionRecord): ExecutionVersion {
	return {
		...(definition === undefined ? {} : { definition }),
		...(workflowVersion === undefined ? {} : { workflowVersion }),
		...(change === undefined ? {} : { change }),
		...(restarts === undefined ? {} : { restarts }),
	};
}

function usageOf({ steps }: ExecutionRecord): Map<string, Usage> {
	return new Map(steps.flatMap(({ stepId, usage }) => (usage ? [[stepId, usage] as const] : [])));
}

/** What was said at the start of the execution wins over what the workflow says. */
function limitsOf(
	record: ExecutionRecord,
	work: RunWork,
): { maxConcurrent?: number; timeoutMs?: number } {
	const limits: Partial<WorkflowDefinition> = 'type' in work ? {} : work.definition;
	const { maxConcurrent } = limits;
	const { timeoutMs = limits.timeoutMs } = record;
	return { maxConcurrent, timeoutMs };
}
