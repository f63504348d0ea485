import type { Json, Runtime, Timer } from '../core';
import { serializeError, toJson } from '../core';
import { isRunEnded } from '../run';
import type { GraphRun, RunCheckpoint, RunResult } from '../scheduler';
import type { Lease } from '../store';
import type { ExecutionRecord } from './executionRecord';
import type { Executions } from './executions';

/** What an active run needs from the manager. */
export interface ActiveRunParts {
	runtime: Runtime;
	run: GraphRun;
	lease: Lease;
	executions: Executions;
	/** What the run gives back. */
	outputOf: (outputs: Readonly<Record<string, unknown>>) => Json;
	/** Waits until everything recorded is durable. */
	flush: () => Promise<void>;
	/** A wish from another process has paused the run. */
	onPaused: (checkpoint: RunCheckpoint) => void;
}

/** Shortest pause between two writes of a record, in milliseconds. */
const MIN_PAUSE_MS = 100;

/** A write is followed by a pause so many times as long, so that large records cost little. */
const PAUSE_FACTOR = 10;

/**
 * A run of this process, and its stored record. The record follows the run: at once when nothing was
 * written lately, else after a pause, with the latest state. What must not be lost is in the ledger.
 */
export class ActiveRun {
	private dirty = false;
	private writing: Promise<void> | undefined;
	private pause: Timer | undefined;
	private released = false;

	constructor(private readonly parts: ActiveRunParts) {
		parts.run.subscribe(() => this.touch());
		parts.lease.lost.addEventListener('abort', () => this.run.release(), { once: true });
	}

	get run(): GraphRun {
		return this.parts.run;
	}

	/** The run as it is now, over what is stored of it. */
	view(record: ExecutionRecord): ExecutionRecord {
		const { run } = this;
		const { percent, step, message } = run.progress;
		return {
			...record,
			status: run.status,
			progress: percent,
			...(step === undefined ? {} : { step, stepDescription: message ?? step }),
			steps: stepsOf(run),
			requests: run.requests,
		};
	}

	/** Saves the state as it is now, with changes. */
	async save(changes: Partial<ExecutionRecord> = {}): Promise<ExecutionRecord> {
		const { executions } = this.parts;
		return await executions.change(this.run.runId, (record) => ({
			...this.view(record),
			...changes,
		}));
	}

	/** Stores a checkpoint and lets go of the run; it goes on from there, in any process. */
	async unload(checkpoint: RunCheckpoint): Promise<ExecutionRecord> {
		await this.stopFollowing();
		const record = await this.save({ checkpoint, wish: undefined });
		this.run.release();
		await this.letGo();
		return record;
	}

	/** Stores how the run went. */
	async end(result: RunResult, now: number): Promise<ExecutionRecord> {
		const outcome = this.outcomeOf(result);
		await this.stopFollowing();
		const record = await this.save({
			...outcome,
			...(result.cause === undefined ? {} : { cause: result.cause }),
			checkpoint: undefined,
			wish: undefined,
			requests: [],
			endedAt: now,
		});
		await this.letGo();
		return record;
	}

	private outcomeOf({ status, outcome, outputs, error }: RunResult): Partial<ExecutionRecord> {
		const failed = error === undefined ? {} : { error };
		if (status !== 'completed') return { status, outcome, ...failed };
		try {
			return { status, outcome, progress: 100, output: toJson(this.parts.outputOf(outputs)) };
		} catch (thrown) {
			return { status: 'failed', outcome: 'failure', error: serializeError(thrown) };
		}
	}

	private async letGo(): Promise<void> {
		await this.parts.flush();
		await this.parts.lease.release();
	}

	private async stopFollowing(): Promise<void> {
		this.released = true;
		this.pause?.cancel();
		await this.writing;
	}

	private touch(): void {
		this.dirty = true;
		if (this.writing === undefined && this.pause === undefined) this.follow();
	}

	/** Writes what has changed, and takes a pause. */
	private follow(): void {
		if (!this.dirty || this.released) return;
		this.dirty = false;
		const { runtime } = this.parts;
		const startedAt = runtime.monotonic();
		// A record that could not be written is written with the next change.
		this.writing = this.save().then(
			({ wish }) => this.obey(wish),
			() => undefined,
		);
		void this.writing.then(() => {
			this.writing = undefined;
			if (this.released) return;
			const pauseMs = Math.max(MIN_PAUSE_MS, PAUSE_FACTOR * (runtime.monotonic() - startedAt));
			this.pause = runtime.setTimer(pauseMs, () => {
				this.pause = undefined;
				this.follow();
			});
		});
	}

	/** Somebody in another process wants the run to stop. */
	private obey(wish: ExecutionRecord['wish']): void {
		if (wish === undefined || isRunEnded(this.run.status)) return;
		if (wish === 'cancel') void this.run.cancel();
		else this.run.pause().then(this.parts.onPaused, () => undefined);
	}
}

function stepsOf(run: GraphRun): ExecutionRecord['steps'] {
	return run.stepIds.map((stepId) => {
		const record = run.step(stepId);
		const blockedBy = run.blockedBy(stepId);
		return {
			stepId,
			status: record.status,
			attempts: record.attempt,
			...('error' in record && record.error ? { error: record.error.message } : {}),
			...(blockedBy === undefined ? {} : { blockedBy }),
		};
	});
}
