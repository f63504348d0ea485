import type { Runtime } from '../core';
import { isRunEnded, RUN_STATUSES, type RunStatus } from '../run';
import { isStoreConflict, MAX_PAGE, type Store } from '../store';
import type { EventFeed } from './eventFeed';
import { UnknownError } from './errors';
import { readExecution, type ExecutionRecord } from './executionRecord';
import { readSummary, summaryOf, type ExecutionSummary } from './executionSummary';

const COLLECTION = 'executions';
const SUMMARIES = 'execution-list';
const KEYS = 'execution-keys';

const ENDED: RunStatus[] = RUN_STATUSES.filter(isRunEnded);
/** Every status of an execution that has not ended. */
export const ACTIVE: RunStatus[] = RUN_STATUSES.filter((status) => !isRunEnded(status));

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

/**
 * Executions as documents of a store: the record of each, and beside it a short one for lists.
 *
 * With an owner, only that owner's executions exist.
 */
export class Executions {
	constructor(
		private readonly store: Store,
		private readonly runtime: Pick<Runtime, 'now'>,
		private readonly feed: Pick<EventFeed, 'remove'>,
		private readonly owner?: string,
	) {}

	/** @throws {StoreConflictError} when the run id is taken */
	async create(record: ExecutionRecord): Promise<void> {
		const { owner } = this;
		await this.put(owner === undefined ? record : { ...record, owner }, 0);
	}

	/** @throws {UnknownError} when there is none */
	async get(runId: string): Promise<ExecutionRecord> {
		return (await this.find(runId)).record;
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
			const { record: before, version } = await this.find(runId);
			const changed = change(before);
			if (changed === undefined) return before;
			const after = { ...changed, updatedAt: this.runtime.now() };
			const conflict = await this.put(after, version).then(
				() => false,
				(error: Error) => isStoreConflict(error) || Promise.reject(error),
			);
			if (!conflict) return after;
		}
	}

	/** Last updated first. */
	async list(
		query: ExecutionQuery = {},
	): Promise<{ executions: ExecutionSummary[]; total: number }> {
		const { limit = 50, offset = 0, workflowId, active = false } = query;
		const status = query.status ?? (active ? ACTIVE : undefined);
		const states = status === undefined ? {} : { status };
		if (workflowId === undefined) {
			const page = await this.store.list(SUMMARIES, { ...this.mine, ...states, limit, offset });
			return {
				executions: page.documents.map(({ value }) => readSummary(value)),
				total: page.total,
			};
		}
		const all = (await this.all(states)).filter((one) => one.workflowId === workflowId);
		return { executions: all.slice(offset, offset + limit), total: all.length };
	}

	/** All in these states, last updated first. */
	async all(states: { status?: readonly RunStatus[] }): Promise<ExecutionSummary[]> {
		const found: ExecutionSummary[] = [];
		const query = { ...this.mine, ...states, limit: MAX_PAGE };
		for (;;) {
			const page = await this.store.list(SUMMARIES, { ...query, offset: found.length });
			found.push(...page.documents.map(({ value }) => readSummary(value)));
			if (found.length >= page.total || page.documents.length === 0) return found;
		}
	}

	/**
	 * The execution that an idempotency key stands for; the caller's own when the key is new.
	 *
	 * @param replaces - the execution that the key stood for, when it is given up
	 */
	async claim(key: string, runId: string, replaces?: string): Promise<string> {
		const id = this.owner === undefined ? key : `${this.owner}/${key}`;
		const document = await this.store.get(KEYS, id);
		if (document !== undefined && document.value !== replaces) return document.value;
		const version = document?.version ?? 0;
		return await this.store.put({ collection: KEYS, id, version, value: runId, runId }).then(
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
		for (const runId of ended) await this.remove(runId);
		return ended;
	}

	/** Removes an execution with all that belongs to it, its documents and events included. */
	private async remove(runId: string): Promise<void> {
		await this.store.removeRun(runId);
		await this.feed.remove(runId);
	}

	private get mine(): { idPrefix?: string } {
		return this.owner === undefined ? {} : { idPrefix: `${this.owner}/` };
	}

	private async find(runId: string): Promise<{ record: ExecutionRecord; version: number }> {
		const document = await this.store.get(COLLECTION, runId);
		const record = document && readExecution(document.value);
		if (record === undefined || (this.owner !== undefined && record.owner !== this.owner)) {
			throw new UnknownError('execution', runId);
		}
		return { record, version: document!.version };
	}

	/** The list follows the record: should this process die between the two, it is a step behind. */
	private async put(record: ExecutionRecord, version: number): Promise<void> {
		const { runId, status, owner = '' } = record;
		const value = JSON.stringify(record);
		const common = { status, runId };
		await this.store.put({ ...common, collection: COLLECTION, id: runId, version, value });
		await this.store.put({
			...common,
			collection: SUMMARIES,
			id: `${owner}/${runId}`,
			version: 'any',
			value: JSON.stringify(summaryOf(record)),
		});
	}
}
