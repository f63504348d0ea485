import { toJson, type Runtime } from '../core';
import { isRunEnded } from '../run';
import type { StepKinds } from '../workflow';
import type { ActiveRuns } from './activeRuns';
import type { Catalog } from './catalog';
import { UnknownError, WrongStateError } from './errors';
import type { ExecutionRecord } from './executionRecord';
import type { Executions } from './executions';
import { planOf, type RunWork } from './runPlan';

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

/** What starting an execution needs. */
export interface StarterOptions {
	runtime: Runtime;
	kinds: StepKinds;
	catalog: Catalog;
	executions: Executions;
	runs: ActiveRuns;
	/** Stops an execution that another one takes the place of. */
	cancel: (runId: string, message: string) => Promise<unknown>;
}

/** A key is taken a moment before its execution is stored: so often it is looked for, this far apart. */
const LOOKS = 20;
const LOOK_PAUSE_MS = 50;

/** Starts executions, one for each idempotency key. */
export class Starter {
	constructor(private readonly options: StarterOptions) {}

	/** See `WorkflowManager.start`. */
	async start(workflow: unknown, options: StartOptions): Promise<{ runId: string }> {
		const { runtime, catalog, kinds, executions, runs } = this.options;
		const { idempotencyKey, runId = runtime.newId() } = options;
		const { work, ...names } = await catalog.find(workflow);
		// Before anything is stored: a workflow that cannot run leaves neither an execution behind nor
		// a key that is taken.
		planOf(work, { kinds, runtime });
		if ('type' in work) work.type.check?.(toJson(options.input));
		if (idempotencyKey !== undefined) {
			const other = await this.duplicate(idempotencyKey, runId, options.onDuplicate);
			if (other !== undefined) return { runId: other };
		}
		const record = this.record(runId, names, work, options);
		await executions.create(record);
		(await runs.launch(await executions.get(runId), work)).free();
		return { runId };
	}

	private record(
		runId: string,
		names: Pick<ExecutionRecord, 'workflowId' | 'workflowVersion' | 'workflowType' | 'name'>,
		work: RunWork,
		{ input, metadata, idempotencyKey, timeoutMs }: StartOptions,
	): ExecutionRecord {
		const now = this.options.runtime.now();
		return {
			schemaVersion: 1,
			runId,
			...names,
			...('definition' in work ? { definition: work.definition } : {}),
			status: 'pending',
			progress: 0,
			steps: [],
			requests: [],
			input: toJson(input),
			metadata: { ...metadata },
			...(idempotencyKey === undefined ? {} : { idempotencyKey }),
			...(timeoutMs === undefined ? {} : { timeoutMs }),
			recoveries: 0,
			createdAt: now,
			startedAt: now,
			updatedAt: now,
		};
	}

	/** The execution that a key stands for, when it is to be answered instead of a new one. */
	private async duplicate(
		key: string,
		runId: string,
		onDuplicate: StartOptions['onDuplicate'] = 'attach',
	): Promise<string | undefined> {
		const { executions, cancel } = this.options;
		const other = await executions.claim(key, runId);
		if (other === runId) return undefined;
		const status = await this.statusOf(other);
		if (status !== undefined) {
			if (onDuplicate === 'attach') return other;
			const ended = isRunEnded(status);
			if (onDuplicate === 'reject' || (onDuplicate === 'new' && !ended)) {
				throw new WrongStateError(other, status, `started again under the key "${key}"`);
			}
			if (!ended) await cancel(other, 'Another execution takes its place.');
		}
		const holder = await executions.claim(key, runId, other);
		return holder === runId ? undefined : holder;
	}

	/**
	 * The status of the execution that has taken a key; `undefined` when its start died before it was
	 * stored, so that the key is free.
	 */
	private async statusOf(runId: string): Promise<ExecutionRecord['status'] | undefined> {
		const { executions, runtime } = this.options;
		for (let look = 1; ; look++) {
			const record = await executions.get(runId).catch(unlessUnknown);
			if (record !== undefined || look === LOOKS) return record?.status;
			await runtime.sleep(LOOK_PAUSE_MS);
		}
	}
}

async function unlessUnknown(error: Error): Promise<undefined> {
	return error instanceof UnknownError ? undefined : await Promise.reject(error);
}
