import { parseJson, type Json, type SerializedError } from '../core';
import { loadBlob, saveBlob, type Lease, type LogEntry } from '../store';
import type { JournalEntry, JournaledResult } from './journal';
import type { CompletionFacts, Durability, Ledger, LedgerOptions, RecordOptions } from './ledger';
import {
	readRow,
	writeRow,
	type CompletedRecord,
	type CorruptRow,
	type LedgerEntry,
	type LedgerRecord,
} from './stepRecord';

/**
 * Opens the ledger of a run, new or not.
 *
 * @throws {StoreUnavailableError} when the log cannot be read
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
	const ledger = new StoredLedger(options);
	await ledger.refresh();
	return ledger;
}

class StoredLedger implements Ledger {
	readonly runId: string;
	readonly corrupt: CorruptRow[] = [];
	private readonly index = new Map<string, LedgerEntry>();
	private readonly inlineLimit: number;
	private readonly durability: Durability;
	private seen = 0;
	private order = 0;
	/** Starts that are not written yet; a step that ends at once never writes its start. */
	private readonly starts = new Map<string, LedgerEntry>();
	private startsDue = false;
	/** Results held back until `flush`. */
	private held: LogEntry[] = [];
	private behind: Promise<void> = Promise.resolve();
	private failure: Error | undefined;

	constructor(private readonly options: LedgerOptions) {
		this.runId = options.runId;
		this.inlineLimit = options.inlineLimit ?? 65_536;
		this.durability = options.durability ?? 'step';
	}

	async refresh(): Promise<void> {
		const rows = await this.options.store.read(this.runId, { after: this.seen });
		for (const row of rows) {
			const read = readRow(row);
			if (read === undefined) continue;
			if ('reason' in read) this.corrupt.push(read);
			else this.remember(read);
		}
		this.seen = rows.at(-1)?.seq ?? this.seen;
	}

	entry(path: string, inputHash: string): LedgerEntry | undefined {
		const entry = this.index.get(keyOf(path, inputHash));
		return entry === undefined || this.isWhole(entry) ? entry : undefined;
	}

	/** Content is looked at when it is wanted; what turns out damaged is reported and forgotten. */
	private isWhole({ record, payload, seq }: LedgerEntry): boolean {
		if (seq === undefined || record.status !== 'completed') return true;
		try {
			payload();
			return true;
		} catch (error) {
			this.corrupt.push({ seq, reason: (error as Error).message });
			this.index.delete(keyOf(record.path, record.inputHash));
			return false;
		}
	}

	entries(): LedgerEntry[] {
		return [...this.index.values()];
	}

	async output({ record, payload }: LedgerEntry<CompletedRecord>): Promise<Json> {
		if (record.blob === undefined) return parseJson(payload() ?? 'null');
		return parseJson(await loadBlob(this.options.store, this.runId, record.blob));
	}

	find(
		path: string,
		inputHash: string,
	): JournalEntry | undefined | Promise<JournalEntry | undefined> {
		const entry = this.entry(path, inputHash);
		if (entry === undefined) return undefined;
		const { record, payload } = entry;
		const { status, attempt } = record;
		if (status === 'started') return { path, inputHash, status, attempt };
		if (status === 'failed') return { path, inputHash, status, attempt, error: record.error };
		const found = (output: Json): JournalEntry => ({
			path,
			inputHash,
			status,
			attempt,
			result: {
				output,
				attempt,
				order: record.order,
				...(record.next === undefined ? {} : { next: record.next }),
			},
		});
		if (record.blob === undefined) return found(parseJson(payload() ?? 'null'));
		return this.output({ record, payload }).then(found);
	}

	started(
		path: string,
		inputHash: string,
		attempt: number,
		how: RecordOptions = {},
	): void | Promise<void> {
		const entry = this.make({ path, inputHash, attempt, status: 'started' });
		this.remember(entry);
		if (how.ahead ?? this.options.writeAhead) return this.append([this.row(entry)], how.lease);
		if (this.durability === 'exit') return;
		this.starts.set(keyOf(path, inputHash), entry);
		if (this.startsDue) return;
		this.startsDue = true;
		this.options.runtime.setTimer(0, () => this.writeStarts());
	}

	/** Runs once the present burst of work is over, so that instant steps cost one record, not two. */
	private writeStarts(): void {
		this.startsDue = false;
		const rows = Array.from(this.starts.values(), (entry) => this.row(entry));
		this.starts.clear();
		if (rows.length > 0) this.follow(this.append(rows));
	}

	completed(
		path: string,
		inputHash: string,
		result: JournaledResult,
		facts: CompletionFacts = {},
		how: RecordOptions = {},
	): void | Promise<void> {
		const payload = JSON.stringify(result.output) as string | undefined;
		const { attempt, next } = result;
		const order = result.order > 0 ? result.order : this.order + 1;
		const header = { path, inputHash, attempt, order, ...facts, status: 'completed' as const };
		const named = next === undefined ? header : { ...header, next: [...next] };
		if (payload === undefined || payload.length <= this.inlineLimit) {
			return this.record(this.make(named, payload), how);
		}
		const saved = saveBlob(this.options.store, this.runId, payload).then((blob) =>
			this.record(this.make({ ...named, blob }), how),
		);
		if (how.ahead === true || this.durability === 'step') return saved;
		this.follow(saved);
	}

	failed(
		path: string,
		inputHash: string,
		attempt: number,
		error: SerializedError,
		how: RecordOptions = {},
	): void | Promise<void> {
		const safe = JSON.parse(JSON.stringify(error)) as SerializedError;
		const entry = this.make({ path, inputHash, attempt, status: 'failed', error: safe });
		return this.record(entry, how);
	}

	private make(header: Unstamped<LedgerRecord>, payload?: string): LedgerEntry {
		const stamp = { schemaVersion: 1 as const, kind: 'step' as const };
		const record = { ...stamp, ...header, at: this.options.runtime.now() };
		return { record, payload: () => payload };
	}

	/** Remembers and saves the end of a step. */
	private record(entry: LedgerEntry, how: RecordOptions): void | Promise<void> {
		this.remember(entry);
		this.starts.delete(keyOf(entry.record.path, entry.record.inputHash));
		const row = this.row(entry);
		if (how.ahead === true || this.durability === 'step') return this.append([row], how.lease);
		if (this.durability === 'exit') this.held.push(row);
		else this.follow(this.append([row], how.lease));
	}

	private remember(entry: LedgerEntry): void {
		const { path, inputHash, status } = entry.record;
		const key = keyOf(path, inputHash);
		if (status === 'completed') this.order = Math.max(this.order, entry.record.order);
		else if (this.index.get(key)?.record.status === 'completed') return;
		this.index.set(key, entry);
	}

	private row(entry: LedgerEntry): LogEntry {
		return { runId: this.runId, body: writeRow(entry) };
	}

	private async append(rows: readonly LogEntry[], owner?: Lease): Promise<void> {
		const { store, lease = owner } = this.options;
		const seqs = await (lease === undefined ? store.append(rows) : lease.append(rows));
		// What nobody has written between need not be read again.
		if (seqs[0] === this.seen + 1) this.seen = seqs.at(-1)!;
	}

	/** Lets a write go on by itself; `flush` waits for it and tells how it went. */
	private follow(write: Promise<void> | void): void {
		const before = this.behind;
		this.behind = Promise.resolve(write).then(
			async () => await before,
			async (error: Error) => {
				this.failure ??= error;
				await before;
			},
		);
	}

	async flush(): Promise<void> {
		this.writeStarts();
		const rows = this.held;
		this.held = [];
		if (rows.length > 0) this.follow(this.append(rows));
		await this.behind;
		const failure = this.failure;
		this.failure = undefined;
		if (failure !== undefined) throw failure;
	}
}

/** A record without what the ledger itself fills in; the union stays a union. */
type Unstamped<Record> = Record extends LedgerRecord
	? Omit<Record, 'schemaVersion' | 'kind' | 'at'>
	: never;

function keyOf(path: string, inputHash: string): string {
	return `${path}\n${inputHash}`;
}
