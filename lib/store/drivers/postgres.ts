import type { Pool } from 'pg';

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
import { isUnknownStatement, postgresError } from './postgresErrors';
import {
	checkedPrefix,
	createTables,
	statementsFor,
	type Statement,
	type Statements,
} from './postgresStatements';

/** How {@link openPostgresStore} connects. */
export interface PostgresOptions {
	/** `postgresql://user@host:5432/database`; `?sslmode=require` for TLS. */
	url: string;
	/** Kept out of the address, so that it never gets into messages. Default: none. */
	password?: string;
	clock: StoreClock;
	/** Begins the names of the tables: lower-case letters, digits and `_`. Default `agent_swarm`. */
	prefix?: string;
	/** The most connections of this process. Default 5. */
	maxConnections?: number;
	/** Whether to accept any certificate. Default false. */
	allowAnyCertificate?: boolean;
	/** How long to wait for a connection or an answer, in milliseconds. Default 10000. */
	timeoutMs?: number;
}

/**
 * Opens the store in a PostgreSQL database, version 13 or newer; creates its tables if need be.
 *
 * @throws {EngineError} class `auth` when it refuses the user
 * @throws {StoreUnavailableError} when it cannot be reached
 */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
	const prefix = checkedPrefix(options.prefix ?? 'agent_swarm');
	const { Pool: Connections } = await import('pg');
	const address = new URL(options.url);
	const pool = new Connections({
		...settingsOf(address, options),
		max: options.maxConnections ?? 5,
		connectionTimeoutMillis: options.timeoutMs ?? 10_000,
		query_timeout: options.timeoutMs ?? 10_000,
		// An idle connection does not keep a program from ending.
		allowExitOnIdle: true,
	});
	// An idle connection that breaks is replaced; the next query tells if the server is gone.
	pool.on('error', () => undefined);
	const name = `PostgreSQL at ${address.host}${address.pathname}`;
	return await createTables(pool, prefix).then(
		() => new PostgresStore(name, pool, statementsFor(prefix), options.clock),
		async (error: unknown) => {
			await pool.end();
			return await Promise.reject(postgresError(name, 'be opened', error));
		},
	);
}

/** TLS is decided here and not by the client's own reading of the address. */
function settingsOf(address: URL, { password, allowAnyCertificate = false }: PostgresOptions) {
	const plain = new URL(address);
	const mode = plain.searchParams.get('sslmode') ?? 'disable';
	plain.searchParams.delete('sslmode');
	if (password !== undefined && password !== '') plain.password = encodeURIComponent(password);
	return {
		connectionString: plain.href,
		ssl: mode === 'disable' ? false : { rejectUnauthorized: !allowAnyCertificate },
	};
}

/** Runs a statement somewhere: on any connection, or within a transaction. */
type Ask = (
	statement: Statement,
	values: unknown[],
) => Promise<{ rows: Array<Record<string, unknown>>; rowCount: number | null }>;

class PostgresStore implements Store {
	private closed = false;
	private named = true;

	constructor(
		readonly name: string,
		private readonly pool: Pool,
		private readonly sql: Statements,
		private readonly clock: StoreClock,
	) {}

	/** One statement, and so one commit, for the entries of one run. */
	async append(entries: readonly LogEntry[], guard?: DocumentVersion): Promise<number[]> {
		checkEntries(entries);
		if (entries.length === 0) return [];
		const runs = byRun(entries);
		const last = new Map<string, number>();
		const insert = async (ask: Ask) => {
			for (const [runId, rows] of runs) {
				last.set(runId, await insertRows(ask, this.sql.append, runId, rows, guard));
			}
		};
		if (runs.size === 1) await this.work('save', async () => await insert(this.ask));
		else await this.transaction('save', insert);
		// The database gave each run a range of numbers; the entries take them in order.
		const next = new Map([...last].map(([id, seq]) => [id, seq - runs.get(id)!.length]));
		return entries.map(({ runId }) => {
			const seq = next.get(runId)! + 1;
			next.set(runId, seq);
			return seq;
		});
	}

	async read(runId: string, { after = 0, limit }: LogRange = {}): Promise<LogRow[]> {
		const values = [runId, after, limit ?? null];
		const rows = await this.query<{ seq: string; body: string }>('read', this.sql.read, values);
		return rows.map(({ seq, body }) => ({ seq: Number(seq), body }));
	}

	async cut(runId: string, range: LogCut): Promise<number> {
		const below = 'below' in range ? range.below : null;
		const from = 'from' in range ? range.from : null;
		return await this.transaction('remove', async (ask) => {
			// Nobody may append between the removal and the new last number.
			await ask(this.sql.lockHead, [runId]);
			const removed = await ask(this.sql.cut, [runId, below, from]);
			await ask(this.sql.resetHead, [runId]);
			return removed.rowCount ?? 0;
		});
	}

	async get(collection: string, id: string): Promise<StoredDocument | undefined> {
		const [row] = await this.query<DocumentRow>('read', this.sql.get, [collection, id]);
		return row === undefined ? undefined : documentOf(row);
	}

	async put(write: DocumentWrite): Promise<StoredDocument> {
		checkWrite(write);
		const { collection, id, value, status = '', runId = '', version: expected } = write;
		const updatedAt = this.clock.now();
		const values: unknown[] = [collection, id, value, status, runId, updatedAt];
		const [sql, more] =
			expected === 0
				? [this.sql.insert, []]
				: expected === 'any'
					? [this.sql.upsert, []]
					: [this.sql.update, [expected, write.seenStatus ?? null]];
		const [row] = await this.query<{ version: string }>('save', sql, [...values, ...more]);
		if (row === undefined) throw new StoreConflictError(collection, id, expected);
		return { collection, id, version: Number(row.version), value, status, runId, updatedAt };
	}

	async list(collection: string, query: ListQuery = {}): Promise<DocumentPage> {
		const { limit, offset } = pageOf(query);
		const { status = null, runId = null, idPrefix = null, updatedBefore = null } = query;
		const filter = [collection, status, runId, idPrefix, updatedBefore];
		const sql = query.oldestFirst === true ? this.sql.listOldest : this.sql.listNewest;
		const rows = await this.query<DocumentRow>('read', sql, [...filter, limit, offset]);
		const [count] = await this.query<{ total: string }>('read', this.sql.count, filter);
		return { documents: rows.map(documentOf), total: Number(count!.total) };
	}

	async remove(collection: string, id: string, version?: number): Promise<boolean> {
		const rows = await this.query('remove', this.sql.remove, [collection, id, version ?? null]);
		return rows.length === 1;
	}

	async measureRun(runId: string): Promise<RunSize> {
		return sizeOf(await this.query<SizeRow>('read', this.sql.measure, [runId]));
	}

	async removeRun(runId: string): Promise<RunSize> {
		return sizeOf(await this.query<SizeRow>('remove', this.sql.removeRun, [runId]));
	}

	async close(): Promise<void> {
		if (this.closed) return;
		this.closed = true;
		await this.pool.end();
	}

	private async query<Row>(what: string, statement: Statement, values: unknown[]): Promise<Row[]> {
		return await this.work(what, async () => (await this.ask(statement, values)).rows as Row[]);
	}

	/**
	 * Runs a statement that the connection plans once. A connection pooler between us and the server
	 * may hand every statement another connection, which does not know ours: then they go without
	 * names from there on. Nothing was done by the one that was not known.
	 */
	private readonly ask: Ask = async ({ name, text }, values) => {
		if (!this.named) return await this.pool.query({ text, values });
		return await this.pool.query({ name, text, values }).catch(async (error: Error) => {
			if (!isUnknownStatement(error)) return await Promise.reject(error);
			this.named = false;
			return await this.pool.query({ text, values });
		});
	};

	private async transaction<T>(what: string, body: (ask: Ask) => Promise<T>): Promise<T> {
		return await this.work(what, async () => {
			const client = await this.pool.connect();
			// Without names: a transaction could not go on after an unknown one.
			const ask: Ask = async ({ text }, values) => await client.query({ text, values });
			const outcome = await client
				.query('BEGIN')
				.then(async () => await body(ask))
				.then(async (value) => {
					await client.query('COMMIT');
					return { value };
				})
				.catch((error: Error) => ({ error }));
			if ('value' in outcome) {
				client.release();
				return outcome.value;
			}
			// A connection that cannot even roll back is not used again.
			const broken = await client.query('ROLLBACK').then(
				() => false,
				() => true,
			);
			client.release(broken);
			return await Promise.reject(outcome.error);
		});
	}

	private async work<T>(what: string, body: () => Promise<T>): Promise<T> {
		return await body().catch((error: unknown) =>
			Promise.reject(postgresError(this.name, what, error)),
		);
	}
}

async function insertRows(
	ask: Ask,
	statement: Statement,
	runId: string,
	rows: readonly LogEntry[],
	guard: DocumentVersion | undefined,
): Promise<number> {
	const bodies = rows.map(({ body }) => body);
	const { collection = null, id = null, version = null, status = null } = guard ?? {};
	const values = [runId, bodies.length, bodies, collection, id, version, status];
	const [head] = (await ask(statement, values)).rows;
	if (head === undefined) throw new StoreConflictError(collection!, id!, version!);
	return Number(head.seq);
}

/** Entries by run; sorted, so that two appenders of several runs never wait for each other. */
function byRun(entries: readonly LogEntry[]): Map<string, LogEntry[]> {
	const runs = new Map<string, LogEntry[]>();
	for (const entry of entries) {
		const rows = runs.get(entry.runId);
		if (rows === undefined) runs.set(entry.runId, [entry]);
		else rows.push(entry);
	}
	return new Map([...runs].sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface DocumentRow {
	collection: string;
	id: string;
	version: string;
	value: string;
	status: string;
	run_id: string;
	updated_at: string;
}

function documentOf(row: DocumentRow): StoredDocument {
	const { collection, id, value, status } = row;
	return {
		collection,
		id,
		version: Number(row.version),
		value,
		status,
		runId: row.run_id,
		updatedAt: Number(row.updated_at),
	};
}

interface SizeRow {
	records: string;
	documents: string;
	bytes: string;
}

function sizeOf([row]: SizeRow[]): RunSize {
	return {
		records: Number(row?.records),
		documents: Number(row?.documents),
		bytes: Number(row?.bytes),
	};
}
