import { StoreConflictError } from './errors';
import { checkEntries, checkWrite, pageOf } from './limits';
import { APPEND, APPEND_ONE, CUT, GET, LIST, PUT, READ, REMOVE, SIZE } from './redisScripts';
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

/** The one thing the store asks of Redis, whatever the way to reach it. */
export interface RedisScripting {
	/** For messages, e.g. `Redis at cache.example.com`. */
	readonly name: string;
	/**
	 * Runs a Lua script.
	 *
	 * @returns what it returns: numbers, texts, lists of them, or null
	 * @throws {EngineError} when Redis cannot be reached or refuses
	 */
	run(script: string, prefix: string, args: ReadonlyArray<string | number>): Promise<unknown>;
	close(): Promise<void>;
}

/** How {@link redisStore} uses Redis. */
export interface RedisStoreOptions {
	redis: RedisScripting;
	clock: StoreClock;
	/** Begins every key. Default `agent_swarm`. */
	prefix?: string;
}

/** The store on Redis, one atomic script an operation. */
export function redisStore(options: RedisStoreOptions): Store {
	return new RedisStore(options);
}

class RedisStore implements Store {
	readonly name: string;
	private readonly redis: RedisScripting;
	private readonly clock: StoreClock;
	private readonly prefix: string;

	constructor({ redis, clock, prefix = 'agent_swarm' }: RedisStoreOptions) {
		this.name = redis.name;
		this.redis = redis;
		this.clock = clock;
		this.prefix = `{${prefix}}:`;
	}

	async append(entries: readonly LogEntry[], guard?: DocumentVersion): Promise<number[]> {
		checkEntries(entries);
		if (entries.length === 0) return [];
		if (entries.length === 1 && guard === undefined) {
			const [{ runId, body }] = entries as [LogEntry];
			return [Number(await this.run(APPEND_ONE, runId, body))];
		}
		const { collection = '', id = '', version = '', status } = guard ?? {};
		const at = [collection, id, version, expected(status)];
		const rows = entries.flatMap(({ runId, body }) => [runId, body]);
		const seqs = await this.run<number[] | null>(APPEND, ...at, ...rows);
		if (seqs === null) throw new StoreConflictError(collection, id, Number(version));
		return seqs.map(Number);
	}

	async read(runId: string, { after = 0, limit = -1 }: LogRange = {}): Promise<LogRow[]> {
		const [first, ...bodies] = await this.run<string[]>(READ, runId, after, limit);
		return bodies.map((body, index) => ({ seq: Number(first) + index, body }));
	}

	async cut(runId: string, range: LogCut): Promise<number> {
		const [side, seq] = 'below' in range ? ['below', range.below] : ['from', range.from];
		return Number(await this.run(CUT, runId, side, seq));
	}

	async get(collection: string, id: string): Promise<StoredDocument | undefined> {
		const [version, value, status, runId, updatedAt] = await this.run<Array<string | null>>(
			GET,
			collection,
			id,
		);
		if (version === null || version === undefined) return undefined;
		return documentOf(collection, [id, version, value!, status!, runId!, updatedAt!]);
	}

	async put(write: DocumentWrite): Promise<StoredDocument> {
		checkWrite(write);
		const { collection, id, value, status = '', runId = '' } = write;
		const updatedAt = this.clock.now();
		const seen = [write.version, expected(write.seenStatus)];
		const version = Number(
			await this.run(PUT, collection, id, ...seen, value, status, runId, updatedAt),
		);
		if (version === 0) throw new StoreConflictError(collection, id, write.version);
		return { collection, id, version, value, status, runId, updatedAt };
	}

	async list(collection: string, query: ListQuery = {}): Promise<DocumentPage> {
		const { limit, offset } = pageOf(query);
		// Lua's JSON takes an empty list for an empty object, which is as good as no state at all.
		const rows = await this.run<string[]>(LIST, collection, limit, offset, JSON.stringify(query));
		const documents: StoredDocument[] = [];
		for (let at = 1; at < rows.length; at += FIELDS) {
			documents.push(documentOf(collection, rows.slice(at, at + FIELDS)));
		}
		return { documents, total: Number(rows[0]) };
	}

	async remove(collection: string, id: string, version?: number): Promise<boolean> {
		return Number(await this.run(REMOVE, collection, id, version ?? '')) === 1;
	}

	async measureRun(runId: string): Promise<RunSize> {
		return await this.size(runId, 'measure');
	}

	async removeRun(runId: string): Promise<RunSize> {
		return await this.size(runId, 'remove');
	}

	private async size(runId: string, what: 'measure' | 'remove'): Promise<RunSize> {
		const [records, documents, bytes] = await this.run<number[]>(SIZE, runId, what);
		return { records: Number(records), documents: Number(documents), bytes: Number(bytes) };
	}

	async close(): Promise<void> {
		await this.redis.close();
	}

	private run<Result>(script: string, ...args: Array<string | number>): Promise<Result> {
		return this.redis.run(script, this.prefix, args) as Promise<Result>;
	}
}

/** A state that is asked for, which may be an empty one. */
function expected(status: string | undefined): string {
	return status === undefined ? '' : `=${status}`;
}

/** Id, version, value, status, run and time. */
const FIELDS = 6;

function documentOf(collection: string, fields: readonly string[]): StoredDocument {
	const [id, version, value, status, runId, updatedAt] = fields;
	return {
		collection,
		id: id!,
		version: Number(version),
		value: value!,
		status: status!,
		runId: runId!,
		updatedAt: Number(updatedAt),
	};
}
