import { refuse, SCHEMA, SCHEMA_VERSION } from './drivers/sqliteSchema';
import {
	COLUMNS,
	conditions,
	CUT_BELOW,
	CUT_FROM,
	GET_DOCUMENT,
	INSERT_DOCUMENT,
	INSERT_LOG,
	READ_LOG,
	REMOVE_DOCUMENT,
	REMOVE_LOG_OF_RUN,
	REMOVE_DOCUMENTS_OF_RUN,
	SIZE_OF_DOCUMENTS,
	SIZE_OF_LOG,
	UPDATE_DOCUMENT,
	UPSERT_DOCUMENT,
} from './drivers/sqliteStatements';
import { StoreConflictError } from './errors';
import { HranaClient, type LibsqlAddress, type SqlRow, type SqlStatement } from './hrana';
import { checkEntries, checkWrite, pageOf } from './limits';
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
} from './store';

/** How {@link openLibsqlStore} connects. */
export interface LibsqlOptions extends LibsqlAddress {
	clock: StoreClock;
}

/**
 * Opens the store in a libSQL or Turso database over HTTP; creates its tables if need be.
 *
 * @throws {EngineError} class `auth`, or `STORE_VERSION` when a newer version made the tables
 * @throws {StoreUnavailableError} when it cannot be reached
 */
export async function openLibsqlStore(options: LibsqlOptions): Promise<Store> {
	const client = new HranaClient(options);
	const tables = SCHEMA.split(';').filter((sql) => sql.trim() !== '');
	await client.transaction(tables.map((sql) => ({ sql, args: [] })));
	const version = ['meta', 'schema', String(SCHEMA_VERSION), '', '', options.clock.now()];
	await client.execute(INSERT_DOCUMENT, version);
	const [stored] = await client.execute(GET_DOCUMENT, ['meta', 'schema']);
	if (Number(stored?.value) > SCHEMA_VERSION) refuse(Number(stored?.value));
	return new LibsqlStore(client, options.clock);
}

/** The same for a database whose tables are known to be there; takes no round trip. */
export function libsqlStore(options: LibsqlOptions): Store {
	return new LibsqlStore(new HranaClient(options), options.clock);
}

class LibsqlStore implements Store {
	readonly name: string;

	constructor(
		private readonly client: HranaClient,
		private readonly clock: StoreClock,
	) {
		this.name = client.name;
	}

	async append(entries: readonly LogEntry[], guard?: DocumentVersion): Promise<number[]> {
		checkEntries(entries);
		if (entries.length === 0) return [];
		const { collection = null, id = null, version = null, status = null } = guard ?? {};
		const statements = entries.map(({ runId, body }): SqlStatement => {
			return { sql: INSERT_LOG, args: [runId, body, collection, id, version, status] };
		});
		const results =
			statements.length === 1
				? [await this.client.execute(INSERT_LOG, statements[0]!.args)]
				: await this.client.transaction(statements);
		return results.map(([row]) => {
			// Within one transaction the guard cannot change: all entries miss, or none.
			if (row === undefined) throw new StoreConflictError(collection!, id!, version!);
			return Number(row.seq);
		});
	}

	async read(runId: string, { after = 0, limit = -1 }: LogRange = {}): Promise<LogRow[]> {
		const rows = await this.client.execute(READ_LOG, [runId, after, limit]);
		return rows as unknown as LogRow[];
	}

	async cut(runId: string, range: LogCut): Promise<number> {
		const [sql, seq] = 'below' in range ? [CUT_BELOW, range.below] : [CUT_FROM, range.from];
		const rows = await this.client.execute(`${sql} RETURNING seq`, [runId, seq]);
		return rows.length;
	}

	async get(collection: string, id: string): Promise<StoredDocument | undefined> {
		const [row] = await this.client.execute(GET_DOCUMENT, [collection, id]);
		return row as StoredDocument | undefined;
	}

	async put(write: DocumentWrite): Promise<StoredDocument> {
		checkWrite(write);
		const { collection, id, value, status = '', runId = '', version: expected } = write;
		const updatedAt = this.clock.now();
		const fields = [collection, id, value, status, runId, updatedAt];
		const [row] = await this.client.execute(
			expected === 0 ? INSERT_DOCUMENT : expected === 'any' ? UPSERT_DOCUMENT : UPDATE_DOCUMENT,
			expected === 0 || expected === 'any'
				? fields
				: [...fields, expected, write.seenStatus ?? null],
		);
		if (row === undefined) throw new StoreConflictError(collection, id, expected);
		return { collection, id, version: Number(row.version), value, status, runId, updatedAt };
	}

	async list(collection: string, query: ListQuery = {}): Promise<DocumentPage> {
		const { limit, offset } = pageOf(query);
		const { where, values } = conditions(collection, query);
		const order = query.oldestFirst === true ? 'ASC' : 'DESC';
		const [documents, count] = await this.client.transaction([
			{
				sql: `SELECT ${COLUMNS} FROM documents WHERE ${where} ORDER BY updated_at ${order}, id ${order} LIMIT ? OFFSET ?`,
				args: [...values, limit, offset],
			},
			{ sql: `SELECT count(*) AS total FROM documents WHERE ${where}`, args: values },
		]);
		return {
			documents: documents as unknown as StoredDocument[],
			total: Number(count![0]!.total),
		};
	}

	async remove(collection: string, id: string, version?: number): Promise<boolean> {
		const values = [collection, id, version ?? null];
		const rows = await this.client.execute(`${REMOVE_DOCUMENT} RETURNING id`, values);
		return rows.length === 1;
	}

	async measureRun(runId: string): Promise<RunSize> {
		return await this.size(runId, []);
	}

	async removeRun(runId: string): Promise<RunSize> {
		return await this.size(runId, [REMOVE_LOG_OF_RUN, REMOVE_DOCUMENTS_OF_RUN]);
	}

	private async size(runId: string, more: readonly string[]): Promise<RunSize> {
		const statements = [SIZE_OF_LOG, SIZE_OF_DOCUMENTS, ...more];
		const [log, documents] = await this.client.transaction(
			statements.map((sql) => ({ sql, args: [runId] })),
		);
		const [{ count: records, bytes: logged }, { count, bytes }] = [log![0]!, documents![0]!] as [
			SqlRow,
			SqlRow,
		];
		return {
			records: Number(records),
			documents: Number(count),
			bytes: Number(logged) + Number(bytes),
		};
	}

	async close(): Promise<void> {
		// Nothing stays open between requests.
		await Promise.resolve();
	}
}
