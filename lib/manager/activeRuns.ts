import {
	toJson,
	type EventSink,
	type Json,
	type JsonObject,
	type Logger,
	type Runtime,
} from '../core';
import type { ResourcePool } from '../resources';
import { openLedger } from '../run';
import { restoreGraph, startGraph, type RunCheckpoint } from '../scheduler';
import { acquireLease, type Store } from '../store';
import type { StepKinds } from '../workflow';
import { ActiveRun } from './activeRun';
import type { ExecutionRecord } from './executionRecord';
import type { Executions } from './executions';
import type { Metrics } from './metrics';
import { planOf, type RunWork } from './runPlan';
import { Waiters } from './waiters';

/** What runs need from around them. */
export interface ActiveRunsOptions {
	runtime: Runtime;
	store: Store;
	executions: Executions;
	kinds: StepKinds;
	metrics: Metrics;
	/** Names this process to others. */
	owner: string;
	pool: ResourcePool | undefined;
	sinks: readonly EventSink[];
	logger: Logger | undefined;
}

/** The executions that run in this process. */
export class ActiveRuns {
	private readonly runs = new Map<string, ActiveRun>();
	private readonly ends = new Waiters<ExecutionRecord>();

	constructor(private readonly options: ActiveRunsOptions) {}

	get runIds(): string[] {
		return [...this.runs.keys()];
	}

	get(runId: string): ActiveRun | undefined {
		return this.runs.get(runId);
	}

	/** The record of an execution when it has ended in this process. */
	async end(runId: string): Promise<ExecutionRecord> {
		return await this.ends.next(runId);
	}

	/**
	 * Runs an execution here, from its beginning or from a checkpoint. What its ledger has is not done
	 * again.
	 *
	 * @throws {EngineError} `LEASE_HELD` while another process runs it
	 */
	async launch(record: ExecutionRecord, work: RunWork, checkpoint?: unknown): Promise<ActiveRun> {
		const { runtime, store, owner, kinds, metrics, pool, logger, sinks, executions } = this.options;
		const { runId, workflowId } = record;
		const name = `execution/${runId}`;
		const lease = await acquireLease({ store, runtime, name, owner, runId });
		const ledger = await openLedger({ store, runtime, runId, lease });
		const shared = { runtime, input: record.input as Json, journal: ledger, pool, logger };
		const plan = planOf(work, { ...shared, kinds, names: namesOf(record) });
		const options = {
			...shared,
			...limitsOf(work),
			runId,
			sinks: [metrics.sinkFor(workflowId), ...sinks],
		};
		const run =
			checkpoint === undefined
				? startGraph(plan.graph, options)
				: restoreGraph(plan.graph, checkpoint, options);
		const active = new ActiveRun({
			...{ runtime, run, lease, executions, outputOf: plan.outputOf },
			flush: async () => await ledger.flush(),
			onPaused: (paused) => void this.unload(active, paused),
		});
		this.runs.set(runId, active);
		void run.result.then(async (result) => {
			const ended = await active.end(result, runtime.now());
			this.runs.delete(runId);
			this.ends.tell(runId, ended);
		});
		const { recoveries } = record;
		await active.save({ recoveries, checkpoint: undefined, wish: undefined });
		return active;
	}

	/** Stores a paused run and lets go of it. */
	async unload(active: ActiveRun, checkpoint: RunCheckpoint): Promise<void> {
		this.runs.delete(active.run.runId);
		await active.unload(checkpoint);
	}
}

/** What templates can name besides `input` and `steps`. */
function namesOf({ runId, workflowId, metadata }: ExecutionRecord): JsonObject {
	return toJson({ run: { id: runId, workflowId }, metadata }) as JsonObject;
}

function limitsOf(work: RunWork): { maxConcurrent?: number; timeoutMs?: number } {
	if ('type' in work) return {};
	const { maxConcurrent, timeoutMs } = work.definition;
	return { maxConcurrent, timeoutMs };
}
