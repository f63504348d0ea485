/**
 * The port between the engine and the place where runs survive: a log per run, and documents with
 * compare-and-set. Leases, receipts, blobs, checkpoints and retention are built once on top of
 * these methods, so a driver stays one short file.
 *
 * Bodies and values are opaque text to a driver. Every driver passes the same suite,
 * `tests/lib/store/contract.ts`.
 */
export interface Store {
	/** What the store is, for messages, e.g. `SQLite at /home/node/.n8n/agent-swarm/store.sqlite`. */
	readonly name: string;

	/**
	 * Adds entries to the logs of their runs, all or none, in the given order. When it resolves,
	 * they are durable.
	 *
	 * @param guard - the entries are added only while this document is at this version
	 * @returns the sequence number of each entry: 1, 2, 3, … per run, without gaps
	 * @throws {StoreConflictError} when the guard does not hold; nothing was added
	 * @throws {StoreUnavailableError} when the store cannot be reached or written
	 */
	append(entries: readonly LogEntry[], guard?: DocumentVersion): Promise<number[]>;

	/** Reads the log of a run in order. An unknown run has an empty log. */
	read(runId: string, range?: LogRange): Promise<LogRow[]>;

	/**
	 * Removes the log rows of a run below or from a sequence number.
	 * Rows that stay keep their numbers; the next entry continues after the last row that stays.
	 *
	 * @returns how many rows were removed
	 */
	cut(runId: string, range: LogCut): Promise<number>;

	/** Reads one document. */
	get(collection: string, id: string): Promise<StoredDocument | undefined>;

	/**
	 * Writes one document if it is still at the version the writer has seen.
	 *
	 * @returns the document as stored, with its new version
	 * @throws {StoreConflictError} when the stored version is another one; nothing was written
	 */
	put(write: DocumentWrite): Promise<StoredDocument>;

	/** Lists documents of a collection, last updated first; of one instant, by descending id. */
	list(collection: string, query?: ListQuery): Promise<DocumentPage>;

	/**
	 * Removes one document.
	 *
	 * @param version - only if it is at this version. Default: any
	 * @returns whether it was removed
	 */
	remove(collection: string, id: string, version?: number): Promise<boolean>;

	/** How much a run holds: its log and every document that it owns. */
	measureRun(runId: string): Promise<RunSize>;

	/** Removes a run whole: its log and every document that it owns. @returns what was there */
	removeRun(runId: string): Promise<RunSize>;

	/** Ends connections. Work that is not awaited may be lost. Safe to call twice. */
	close(): Promise<void>;
}

/** One entry to append. */
export interface LogEntry {
	runId: string;
	/** Opaque text, normally made by `encodeRecord`. */
	body: string;
}

/** One entry as stored. */
export interface LogRow {
	seq: number;
	body: string;
}

/** Which rows to read. Default: all. */
export interface LogRange {
	/** Only rows with a higher sequence number. Default 0. */
	after?: number;
	/** At most this many rows. Default: no limit. */
	limit?: number;
}

/** Which rows to remove: exactly one of the two. */
export type LogCut = { below: number } | { from: number };

/** A document at a version. */
export interface DocumentVersion {
	collection: string;
	id: string;
	version: number;
	/**
	 * The state it must be in besides. Default: any. A store that fails over may lose writes and give
	 * their version numbers again; a state that only one writer has given tells the two apart.
	 */
	status?: string;
}

/** A document to write. */
export interface DocumentWrite {
	collection: string;
	id: string;
	/** The version the writer has seen; 0 when the document must not exist; `any` to overwrite. */
	version: number | 'any';
	/** The state the writer has seen with that version, see {@link DocumentVersion}. Default: any. */
	seenStatus?: string;
	/** Opaque text. */
	value: string;
	/** A word to filter by, e.g. `running`. Default: empty. */
	status?: string;
	/** The run that owns the document and takes it along when removed. Default: none. */
	runId?: string;
}

/** A document as stored. */
export interface StoredDocument {
	collection: string;
	id: string;
	/** 1 for the first write, one more with each; starts again at 1 after a removal. */
	version: number;
	value: string;
	status: string;
	runId: string;
	/** Milliseconds since the epoch, by the clock of the writer. */
	updatedAt: number;
}

/** Which documents to list. All conditions must hold. */
export interface ListQuery {
	/** At most this many. Default 50, at most 1000. */
	limit?: number;
	/** Skip this many. Default 0. */
	offset?: number;
	/** Only these states. Default: all. */
	status?: readonly string[];
	/** Only documents that this run owns. */
	runId?: string;
	/** Only documents whose id starts like this. */
	idPrefix?: string;
	/** Only documents written before this time, in milliseconds since the epoch. */
	updatedBefore?: number;
	/** Oldest first instead of newest first. Default false. */
	oldestFirst?: boolean;
}

/** One page of documents. */
export interface DocumentPage {
	documents: StoredDocument[];
	/** How many documents match in all, whatever the page. */
	total: number;
}

/** How much a run holds. */
export interface RunSize {
	records: number;
	documents: number;
	/** Characters of bodies and values. */
	bytes: number;
}

/** The clock drivers stamp `updatedAt` with. */
export interface StoreClock {
	/** Milliseconds since the epoch. */
	now(): number;
}

/** The longest run id, collection or document id, in characters: what every back end can index. */
export const MAX_KEY_LENGTH = 512;

/** The longest body or value, in characters. */
export const MAX_VALUE_LENGTH = 64 * 1024 * 1024;

/** The most documents one page holds. */
export const MAX_PAGE = 1000;
