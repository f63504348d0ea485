import type { Runtime } from '../core';
import { isRunEnded, RUN_STATUSES, type RunStatus } from '../run';
import { isStoreConflict, MAX_PAGE, type Store } from '../store';
import { UnknownError } from './errors';
import { readExecution, type ExecutionRecord } from './executionRecord';

const COLLECTION = 'executions';
const KEYS = 'execution-keys';

const ENDED: RunStatus[] = RUN_STATUSES.filter(isRunEnded);

/** Which executions to list. */
export interface ExecutionQuery {
	/** Default 50. */
	limit?: number;
	/** Default 0. */
	offset?: number;
	status?: readonly RunStatus[];
	/** Only executions that have not ended. */
	active?: boolean;
	/** Only executions of this workflow or workflow type. */
	workflowId?: string;
}

/** Which ended executions to remove. */
export interface CleanupOptions {
	/** Only those that ended longer ago, in milliseconds. Default: all. */
	olderThanMs?: number;
	/** Keep as many of the latest. Default 0. */
	keepLast?: number;
	workflowId?: string;
}

/** Executions as documents of a store. */
export class Executions {
	constructor(
		private readonly store: Store,
		private readonly runtime: Pick<Runtime, 'now'>,
	) {}

	/** @throws {StoreConflictError} when the run id is taken */
	async create(record: ExecutionRecord): Promise<void> {
		await this.put(record, 0);
	}

	/** @throws {UnknownError} when there is none */
	async get(runId: string): Promise<ExecutionRecord> {
		const document = await this.store.get(COLLECTION, runId);
		if (document === undefined) throw new UnknownError('execution', runId);
		return readExecution(document.value);
	}

	/**
	 * Changes a stored execution, whoever else writes at the same time.
	 *
	 * @param change - gets the record as it is; `undefined` leaves it
	 * @returns the record as stored
	 */
	async change(
		runId: string,
		change: (record: ExecutionRecord) => ExecutionRecord | undefined,
	): Promise<ExecutionRecord> {
		for (;;) {
			const document = await this.store.get(COLLECTION, runId);
			if (document === undefined) throw new UnknownError('execution', runId);
			const before = readExecution(document.value);
			const changed = change(before);
			if (changed === undefined) return before;
			const after = { ...changed, updatedAt: this.runtime.now() };
			const conflict = await this.put(after, document.version).then(
				() => false,
				(error: Error) => isStoreConflict(error) || Promise.reject(error),
			);
			if (!conflict) return after;
		}
	}

	/** Last updated first. */
	async list(
		query: ExecutionQuery = {},
	): Promise<{ executions: ExecutionRecord[]; total: number }> {
		const { limit = 50, offset = 0, workflowId, active = false } = query;
		const status =
			query.status ?? (active ? RUN_STATUSES.filter((one) => !isRunEnded(one)) : undefined);
		const states = status === undefined ? {} : { status };
		if (workflowId === undefined) {
			const page = await this.store.list(COLLECTION, { limit, offset, ...states });
			return {
				executions: page.documents.map(({ value }) => readExecution(value)),
				total: page.total,
			};
		}
		const all = (await this.all(states)).filter((record) => record.workflowId === workflowId);
		return { executions: all.slice(offset, offset + limit), total: all.length };
	}

	/**
	 * The execution that an idempotency key stands for; the caller's own when the key is new.
	 *
	 * @param replaces - the execution that the key stood for, when it is given up
	 */
	async claim(key: string, runId: string, replaces?: string): Promise<string> {
		const document = await this.store.get(KEYS, key);
		if (document !== undefined && document.value !== replaces) return document.value;
		const version = document?.version ?? 0;
		return await this.store.put({ collection: KEYS, id: key, version, value: runId, runId }).then(
			() => runId,
			async (error: Error) =>
				isStoreConflict(error) ? await this.claim(key, runId) : await Promise.reject(error),
		);
	}

	/** Removes ended executions with all that belongs to them. @returns their ids */
	async cleanup({ olderThanMs = 0, keepLast = 0, workflowId }: CleanupOptions): Promise<string[]> {
		const before = this.runtime.now() - olderThanMs;
		const ended = (await this.all({ status: ENDED }))
			.filter((record) => workflowId === undefined || record.workflowId === workflowId)
			.slice(keepLast)
			.filter(({ endedAt = 0 }) => endedAt <= before)
			.map(({ runId }) => runId);
		for (const runId of ended) {
			await this.store.removeRun(runId);
			await this.store.remove(COLLECTION, runId);
		}
		return ended;
	}

	private async all(states: { status?: readonly RunStatus[] }): Promise<ExecutionRecord[]> {
		const records: ExecutionRecord[] = [];
		for (let offset = 0; ; offset += MAX_PAGE) {
			const page = await this.store.list(COLLECTION, { ...states, limit: MAX_PAGE, offset });
			records.push(...page.documents.map(({ value }) => readExecution(value)));
			if (records.length >= page.total || page.documents.length === 0) return records;
		}
	}

	private async put(record: ExecutionRecord, version: number): Promise<void> {
		const { runId, status } = record;
		const value = JSON.stringify(record);
		await this.store.put({ collection: COLLECTION, id: runId, version, value, status, runId });
	}
}
