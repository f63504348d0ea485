import { randomInt } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';

import { StoreConflictError } from '../errors';
import { checkEntries, checkWrite, pageOf } from '../limits';
import type {
	DocumentPage,
	DocumentVersion,
	DocumentWrite,
	ListQuery,
	LogCut,
	LogEntry,
	LogRange,
	LogRow,
	RunSize,
	Store,
	StoreClock,
	StoredDocument,
} from '../store';
import { GroupCommit, type Write } from './groupCommit';
import { isBusy, sqliteError } from './sqliteErrors';
import { prepareSchema } from './sqliteSchema';
import {
	COLUMNS,
	conditions,
	CUT_BELOW,
	CUT_FROM,
	GET_DOCUMENT,
	INSERT_DOCUMENT,
	INSERT_LOG,
	INSERT_LOG_AT,
	READ_LOG,
	REMOVE_DOCUMENT,
	REMOVE_DOCUMENTS_OF_RUN,
	REMOVE_LOG_OF_RUN,
	SIZE_OF_DOCUMENTS,
	SIZE_OF_LOG,
	UPDATE_DOCUMENT,
	UPSERT_DOCUMENT,
} from './sqliteStatements';

/** How {@link openSqliteStore} opens its file. */
export interface SqliteOptions {
	/** The database file; it and its folder are created, readable by this user only. */
	path: string;
	clock: StoreClock;
	/**
	 * What saved work survives: `process`, a killed process (no disk flush, about 20 microseconds a
	 * record); `power`, also a power cut (one flush per group of records, about 200). Default `process`.
	 */
	survives?: 'process' | 'power';
	/** How long to wait for another process that holds the file, in milliseconds. Default 5000. */
	busyTimeoutMs?: number;
}

/**
 * Opens the embedded store: one SQLite file in WAL mode, shared by any number of processes of one
 * machine. Needs a file system with working locks, so not a network share.
 *
 * @throws {StoreUnavailableError} when the file cannot be opened or was made by a newer version
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
	// Loaded on first use: a program that never opens a file never loads SQLite.
	const { DatabaseSync: Database } = await import('node:sqlite');
	const name = `SQLite at ${options.path}`;
	const opening = createPrivately(options.path).then(async () => {
		const database = new Database(options.path, { timeout: SYNC_WAIT_MS });
		await whenFree(options.busyTimeoutMs, () => prepareSchema(database, options.survives));
		return new SqliteStore(name, database, options);
	});
	return await opening.catch((error: unknown) => Promise.reject(sqliteError(name, 'open', error)));
}

/** SQLite itself waits this long for a lock; it blocks the thread, so the rest is waited outside. */
const SYNC_WAIT_MS = 20;

/** Runs whose last number is remembered, before all are forgotten. */
const RUNS_REMEMBERED = 1000;

class SqliteStore implements Store {
	private readonly statements = new Map<string, StatementSync>();
	private readonly writes = new GroupCommit(
		async (group) => await this.work('save', () => this.commit(group)),
	);
	/** The last number of a run, as far as this process has written it: a guess for the next one. */
	private readonly last = new Map<string, number>();
	private closed = false;

	constructor(
		readonly name: string,
		private readonly database: DatabaseSync,
		private readonly options: SqliteOptions,
	) {}

	private commit(group: readonly Write[]): unknown[] {
		const write = () => group.map(({ body }) => body());
		return group.length === 1 && group[0]!.single ? write() : this.transaction(write);
	}

	async append(entries: readonly LogEntry[], guard?: DocumentVersion): Promise<number[]> {
		checkEntries(entries);
		if (entries.length === 0) return [];
		const body = () => this.insert(entries, guard);
		const seqs = await this.writes.add({ body, single: entries.length === 1 });
		if (seqs !== undefined) return seqs;
		throw new StoreConflictError(guard!.collection, guard!.id, guard!.version);
	}

	/** @returns undefined when the guard does not hold */
	private insert(entries: readonly LogEntry[], guard?: DocumentVersion): number[] | undefined {
		const { collection = null, id = null, version = null, status = null } = guard ?? {};
		const seqs: number[] = [];
		for (const { runId, body } of entries) {
			const values = [runId, body, collection, id, version, status];
			const seq = this.insertNext(runId, values) ?? this.insertAnywhere(values);
			// Within one transaction the guard cannot change, so only the first entry can miss.
			if (seq === undefined) return undefined;
			this.last.set(runId, seq);
			seqs.push(seq);
		}
		if (this.last.size > RUNS_REMEMBERED) this.last.clear();
		return seqs;
	}

	/** Adds the record after the last one that this process knows of, if that is the last one. */
	private insertNext(runId: string, values: readonly SQLInputValue[]): number | undefined {
		const next = (this.last.get(runId) ?? 0) + 1;
		const { changes } = this.prepare(INSERT_LOG_AT).run(...values, next);
		return changes === 1 ? next : undefined;
	}

	private insertAnywhere(values: readonly SQLInputValue[]): number | undefined {
		const row = this.written(INSERT_LOG, values);
		return row === undefined ? undefined : Number(row.seq);
	}

	/**
	 * The row that a write gives back. Not by `get`: it leaves the statement before its end, and only
	 * statements that come to their end let SQLite move the write-ahead log into the file.
	 */
	private written(sql: string, values: readonly SQLInputValue[]) {
		return this.prepare(sql).all(...values)[0];
	}

	async read(runId: string, { after = 0, limit = -1 }: LogRange = {}): Promise<LogRow[]> {
		return await this.work(
			'read',
			() => this.prepare(READ_LOG).all(runId, after, limit) as unknown as LogRow[],
		);
	}

	async cut(runId: string, range: LogCut): Promise<number> {
		const [sql, seq] =
			'below' in range ? ([CUT_BELOW, range.below] as const) : ([CUT_FROM, range.from] as const);
		const body = () => Number(this.prepare(sql).run(runId, seq).changes);
		return await this.writes.add({ body, single: true });
	}

	async get(collection: string, id: string): Promise<StoredDocument | undefined> {
		return await this.work('read', () => {
			const row = this.prepare(GET_DOCUMENT).get(collection, id);
			return row === undefined ? undefined : (row as unknown as StoredDocument);
		});
	}

	async put(write: DocumentWrite): Promise<StoredDocument> {
		checkWrite(write);
		const { collection, id, value, status = '', runId = '', version, seenStatus = null } = write;
		const updatedAt = this.options.clock.now();
		const fields = [collection, id, value, status, runId, updatedAt];
		const body = () => {
			if (version === 0) return this.written(INSERT_DOCUMENT, fields);
			if (version === 'any') return this.written(UPSERT_DOCUMENT, fields);
			return this.written(UPDATE_DOCUMENT, [...fields, version, seenStatus]);
		};
		const row = await this.writes.add({ body, single: true });
		if (row === undefined) throw new StoreConflictError(collection, id, version);
		return { collection, id, version: Number(row.version), value, status, runId, updatedAt };
	}

	async list(collection: string, query: ListQuery = {}): Promise<DocumentPage> {
		const { limit, offset } = pageOf(query);
		const { where, values } = conditions(collection, query);
		const order = query.oldestFirst === true ? 'ASC' : 'DESC';
		return await this.work('read', () => {
			const documents = this.prepare(
				`SELECT ${COLUMNS} FROM documents WHERE ${where} ORDER BY updated_at ${order}, id ${order} LIMIT ? OFFSET ?`,
			).all(...values, limit, offset) as unknown as StoredDocument[];
			const count = this.prepare(`SELECT count(*) AS total FROM documents WHERE ${where}`);
			return { documents, total: Number(count.get(...values)?.total) };
		});
	}

	async remove(collection: string, id: string, version?: number): Promise<boolean> {
		const values = [collection, id, version ?? null];
		const body = () => this.prepare(REMOVE_DOCUMENT).run(...values).changes === 1;
		return await this.writes.add({ body, single: true });
	}

	async measureRun(runId: string): Promise<RunSize> {
		return await this.work('read', () => this.transaction(() => this.sizeOf(runId), 'BEGIN'));
	}

	async removeRun(runId: string): Promise<RunSize> {
		const body = () => {
			const size = this.sizeOf(runId);
			this.prepare(REMOVE_LOG_OF_RUN).run(runId);
			this.prepare(REMOVE_DOCUMENTS_OF_RUN).run(runId);
			return size;
		};
		return await this.writes.add({ body, single: false });
	}

	private sizeOf(runId: string): RunSize {
		const log = this.prepare(SIZE_OF_LOG).get(runId);
		const documents = this.prepare(SIZE_OF_DOCUMENTS).get(runId);
		return {
			records: Number(log?.count),
			documents: Number(documents?.count),
			bytes: Number(log?.bytes) + Number(documents?.bytes),
		};
	}

	async close(): Promise<void> {
		if (this.closed) return;
		await this.writes.flush();
		this.closed = true;
		this.statements.clear();
		this.database.close();
	}

	/** Does one thing with the database, again while another process holds it. */
	private async work<T>(what: string, body: () => T): Promise<T> {
		return await whenFree(this.options.busyTimeoutMs, body).catch((error: unknown) =>
			Promise.reject(sqliteError(this.name, what, error)),
		);
	}

	private transaction<T>(body: () => T, begin = 'BEGIN IMMEDIATE'): T {
		this.database.exec(begin);
		let done = false;
		try {
			const result = body();
			this.database.exec('COMMIT');
			done = true;
			return result;
		} finally {
			// SQLite may have rolled back by itself, for example when the disk is full.
			if (!done && this.database.isTransaction) this.database.exec('ROLLBACK');
		}
	}

	private prepare(sql: string): StatementSync {
		let statement = this.statements.get(sql);
		if (statement === undefined) {
			statement = this.database.prepare(sql);
			this.statements.set(sql, statement);
		}
		return statement;
	}
}

/** Tries until the file is free; gives the busy error back when the time is over. */
async function whenFree<T>(timeoutMs = 5000, body: () => T): Promise<T> {
	const end = performance.now() + timeoutMs;
	for (;;) {
		const attempt = tryOnce(body);
		if ('value' in attempt) return attempt.value;
		if (!isBusy(attempt.error) || performance.now() >= end) return Promise.reject(attempt.error);
		// Uneven pauses, so that waiting processes do not wake up together.
		await pause(randomInt(2, 15));
	}
}

function tryOnce<T>(body: () => T): { value: T } | { error: Error } {
	try {
		return { value: body() };
	} catch (error) {
		return { error: error as Error };
	}
}

async function createPrivately(path: string): Promise<void> {
	await mkdir(dirname(path), { recursive: true, mode: 0o700 });
	const file = await open(path, 'a', 0o600);
	await file.close();
}
