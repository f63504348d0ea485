import { BUDGET_EXCEEDED } from '../budget';
import type { Json, Runtime, SerializedError, Timer, Usage } from '../core';
import { addUsage, noUsage, serializeError, toJson } from '../core';
import { isRunEnded } from '../run';
import type { GraphRun, RunCheckpoint, RunResult } from '../scheduler';
import type { Lease } from '../store';
import type { ExecutionRecord, ExecutionVersion } from './executionRecord';
import type { Executions } from './executions';

/** What an active run needs from the manager. */
export interface ActiveRunParts {
	runtime: Runtime;
	run: GraphRun;
	lease: Lease;
	executions: Executions;
	/** What it runs: the record follows it. */
	version: ExecutionVersion;
	/** What the run gives back. */
	outputOf: (outputs: Readonly<Record<string, unknown>>) => Json;
	/** Waits until everything recorded is durable. */
	flush: () => Promise<void>;
	/** What earlier processes have used, by step. */
	usage: ReadonlyMap<string, Usage>;
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
	/** Fulfilled once the steps are in place: from then on questions can be answered. */
	readonly begun: Promise<void>;
	private dirty = false;
	private writing: Promise<void> | undefined;
	private pause: Timer | undefined;
	private released = false;
	/** How many hold on to it: while anybody does, it is not let go of when it waits. */
	private holders = 1;
	/** Called when nobody holds on to it any more. */
	onFree: () => void = () => undefined;
	private readonly usage: Map<string, Usage>;
	private budgetReached: ExecutionRecord['budgetReached'];
	private outputOf: ActiveRunParts['outputOf'];
	private version: ExecutionVersion;

	constructor(private readonly parts: ActiveRunParts) {
		const { run, lease } = parts;
		this.usage = new Map(parts.usage);
		this.outputOf = parts.outputOf;
		this.version = parts.version;
		// A run tells of itself when it begins, or has nothing to do any more.
		const first = new Promise<void>((resolve) => run.subscribe(() => resolve()));
		this.begun = Promise.race([first, run.result.then(() => undefined)]);
		run.subscribe(() => this.touch());
		lease.lost.addEventListener('abort', () => run.release(), { once: true });
	}

	/** Aborts when another process has taken the run over. */
	get lost(): AbortSignal {
		return this.parts.lease.lost;
	}

	get isHeld(): boolean {
		return this.holders > 0;
	}

	hold(): void {
		this.holders++;
	}

	/** Whoever launched or held it does not need it here any more. */
	free(): void {
		this.holders--;
		if (!this.isHeld) this.onFree();
	}

	get run(): GraphRun {
		return this.parts.run;
	}

	/** A step gave less than it could have, because of this. */
	cutShort(error: SerializedError): void {
		if (error.errorClass !== 'budget') return;
		this.budgetReached ??= { at: this.parts.runtime.now(), error };
		this.touch();
	}

	/** Books what a step has used. */
	book(stepId: string, usage: Usage): void {
		this.usage.set(stepId, addUsage(this.usage.get(stepId) ?? noUsage(), usage));
		this.touch();
	}

	/** The run as it is now, over what is stored of it. */
	view(record: ExecutionRecord): ExecutionRecord {
		const { run, usage } = this;
		const { percent, step, message } = run.progress;
		return {
			...record,
			...this.version,
			// An end is shown once it is stored, with what the run gave.
			status: isRunEnded(run.status) ? record.status : run.status,
			progress: percent,
			...(step === undefined ? {} : { step, stepDescription: message ?? step }),
			steps: stepsOf(run, usage),
			...(usage.size === 0 ? {} : { usage: [...usage.values()].reduce(addUsage) }),
			requests: run.requests,
			...(this.budgetReached && { budgetReached: this.budgetReached }),
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

	/** The run has got a step more. */
	async extend(definition: unknown, outputOf: ActiveRunParts['outputOf']): Promise<void> {
		this.outputOf = outputOf;
		this.version = { ...this.version, definition };
		await this.save();
	}

	/** When the first of the open questions ends by itself, in milliseconds since the epoch. */
	get wakeAt(): number | undefined {
		const times = this.run.requests.flatMap(({ expiresAt }) => expiresAt ?? []);
		return times.length === 0 ? undefined : Math.min(...times);
	}

	/** Stores a checkpoint and lets go of the run; it goes on from there, in any process. */
	async unload(checkpoint: RunCheckpoint): Promise<ExecutionRecord> {
		this.run.release();
		await this.stopFollowing();
		const record = await this.save({ checkpoint, wakeAt: this.wakeAt });
		await this.letGo();
		return record;
	}

	/** Stores how the run went. */
	async end(result: RunResult, now: number): Promise<ExecutionRecord> {
		const outcome = this.outcomeOf(result);
		const { error = budgetError(result) } = result;
		if (error !== undefined) this.cutShort(error);
		await this.stopFollowing();
		const record = await this.save({
			...outcome,
			...(result.cause === undefined ? {} : { cause: result.cause }),
			checkpoint: undefined,
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
			return { status, outcome, progress: 100, output: toJson(this.outputOf(outputs)) };
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
		if (!this.dirty || this.released || isRunEnded(this.run.status)) return;
		this.dirty = false;
		const { runtime } = this.parts;
		const startedAt = runtime.monotonic();
		// A record that could not be written is written with the next change.
		this.writing = this.save().then(
			() => undefined,
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
}

/** Why a run is only partly done that had to make do with its budget. */
function budgetError({ cause }: RunResult): SerializedError | undefined {
	if (cause?.kind !== 'budget') return undefined;
	const { message } = cause;
	return { code: BUDGET_EXCEEDED, errorClass: 'budget', message, retryable: false };
}

function stepsOf(run: GraphRun, usage: ReadonlyMap<string, Usage>): ExecutionRecord['steps'] {
	return run.stepIds.map((stepId) => {
		const record = run.step(stepId);
		const blockedBy = run.blockedBy(stepId);
		const { status, attempt, iteration, startedAt } = record;
		const used = usage.get(stepId);
		return {
			stepId,
			status,
			attempts: attempt,
			...('error' in record && record.error ? { error: record.error.message } : {}),
			...(blockedBy === undefined ? {} : { blockedBy }),
			...(iteration > 1 ? { iteration } : {}),
			...(startedAt === undefined ? {} : { startedAt }),
			...('endedAt' in record ? { endedAt: record.endedAt } : {}),
			...('reused' in record && record.reused ? { reused: true } : {}),
			...(used === undefined ? {} : { usage: used }),
		};
	});
}
