import { StoreConflictError } from './errors';
import { isAt } from './isAt';
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

/**
 * The reference driver: keeps everything in this process, and nothing after it.
 * For tests, and for runs that need not outlive their process.
 */
export function memoryStore(clock: StoreClock): Store {
	return new MemoryStore(clock);
}

class MemoryStore implements Store {
	readonly name = 'memory';
	private readonly logs = new Map<string, LogRow[]>();
	private readonly collections = new Map<string, Map<string, StoredDocument>>();

	constructor(private readonly clock: StoreClock) {}

	async append(entries: readonly LogEntry[], guard?: DocumentVersion): Promise<number[]> {
		checkEntries(entries);
		if (guard !== undefined) {
			const { collection, id, version, status } = guard;
			if (!isAt(this.find(collection, id), version, status)) {
				throw new StoreConflictError(collection, id, version);
			}
		}
		return await Promise.resolve(entries.map(({ runId, body }) => this.add(runId, body)));
	}

	private add(runId: string, body: string): number {
		let rows = this.logs.get(runId);
		if (rows === undefined) this.logs.set(runId, (rows = []));
		const seq = (rows.at(-1)?.seq ?? 0) + 1;
		rows.push({ seq, body });
		return seq;
	}

	async read(runId: string, { after = 0, limit }: LogRange = {}): Promise<LogRow[]> {
		const rows = this.logs.get(runId) ?? [];
		// Numbers have no gaps, so the place of a row follows from the first one.
		const start = Math.max(0, after + 1 - (rows[0]?.seq ?? 1));
		return await Promise.resolve(rows.slice(start, start + (limit ?? rows.length)));
	}

	async cut(runId: string, range: LogCut): Promise<number> {
		const rows = this.logs.get(runId) ?? [];
		const kept = rows.filter(({ seq }) =>
			'below' in range ? seq >= range.below : seq < range.from,
		);
		if (kept.length > 0) this.logs.set(runId, kept);
		else this.logs.delete(runId);
		return await Promise.resolve(rows.length - kept.length);
	}

	async get(collection: string, id: string): Promise<StoredDocument | undefined> {
		return await Promise.resolve(this.find(collection, id));
	}

	async put(write: DocumentWrite): Promise<StoredDocument> {
		checkWrite(write);
		const { collection, id, value, status = '', runId = '' } = write;
		const current = this.find(collection, id);
		if (write.version !== 'any' && !isAt(current, write.version, write.seenStatus)) {
			throw new StoreConflictError(collection, id, write.version);
		}
		const updatedAt = this.clock.now();
		const stored = {
			collection,
			id,
			version: (current?.version ?? 0) + 1,
			value,
			status,
			runId,
			updatedAt,
		};
		const documents = this.collections.get(collection) ?? new Map<string, StoredDocument>();
		this.collections.set(collection, documents.set(id, stored));
		return await Promise.resolve(stored);
	}

	async list(collection: string, query: ListQuery = {}): Promise<DocumentPage> {
		const { limit, offset } = pageOf(query);
		const matching = [...(this.collections.get(collection)?.values() ?? [])].filter(matcher(query));
		matching.sort((a, b) => a.updatedAt - b.updatedAt || (a.id < b.id ? -1 : 1));
		if (query.oldestFirst !== true) matching.reverse();
		return await Promise.resolve({
			documents: matching.slice(offset, offset + limit),
			total: matching.length,
		});
	}

	async remove(collection: string, id: string, version?: number): Promise<boolean> {
		const found = this.find(collection, id);
		const isMeant = found !== undefined && (version ?? found.version) === found.version;
		if (isMeant) this.collections.get(collection)!.delete(id);
		return await Promise.resolve(isMeant);
	}

	async measureRun(runId: string): Promise<RunSize> {
		const rows = this.logs.get(runId) ?? [];
		const documents = this.documentsOf(runId);
		return await Promise.resolve({
			records: rows.length,
			documents: documents.length,
			bytes: sum(rows, ({ body }) => body.length) + sum(documents, ({ value }) => value.length),
		});
	}

	async removeRun(runId: string): Promise<RunSize> {
		const size = await this.measureRun(runId);
		this.logs.delete(runId);
		for (const { collection, id } of this.documentsOf(runId)) {
			this.collections.get(collection)?.delete(id);
		}
		return size;
	}

	private documentsOf(runId: string): StoredDocument[] {
		const all = [...this.collections.values()].flatMap((documents) => [...documents.values()]);
		return all.filter((document) => runId !== '' && document.runId === runId);
	}

	async close(): Promise<void> {
		await Promise.resolve();
	}

	private find(collection: string, id: string): StoredDocument | undefined {
		return this.collections.get(collection)?.get(id);
	}
}

function sum<Item>(items: readonly Item[], size: (item: Item) => number): number {
	return items.reduce((total, item) => total + size(item), 0);
}

function matcher(query: ListQuery): (document: StoredDocument) => boolean {
	const { status, runId, idPrefix = '', updatedBefore = Infinity } = query;
	return (document) =>
		(status === undefined || status.includes(document.status)) &&
		(runId === undefined || document.runId === runId) &&
		document.id.startsWith(idPrefix) &&
		document.updatedAt < updatedBefore;
}
