import type { Json, Runtime, SerializedError, Usage } from '../core';
import type { Lease, Store } from '../store';
import type { Journal, JournaledResult } from './journal';
import type { CompletedRecord, CorruptRow, LedgerEntry } from './stepRecord';

/**
 * When a result is safe:
 * - `step`: before its successors start;
 * - `grouped`: soon, while the run goes on; `flush` waits for the rest. A crash repeats at most the
 *   steps of the last moment;
 * - `exit`: at `flush`. A crash repeats the run.
 */
export type Durability = 'step' | 'grouped' | 'exit';

/** What {@link openLedger} needs. */
export interface LedgerOptions {
	store: Store;
	runtime: Runtime;
	runId: string;
	/** Default `step`. */
	durability?: Durability;
	/**
	 * Record the start of every step durably before it runs, so that a step that was cut short is
	 * known to have begun. Default false: starts are recorded while the step runs.
	 */
	writeAhead?: boolean;
	/** Appends only while this owner holds the run. Default: no owner. */
	lease?: Lease;
	/** Outputs with more characters of JSON are kept as blobs. Default 65536. */
	inlineLimit?: number;
}

/** What a completed step may tell besides its result. */
export interface CompletionFacts {
	durationMs?: number;
	usage?: Usage;
}

/** How one record is to be written. */
export interface RecordOptions {
	/** Appends only while this owner holds the step. Default: the owner of the whole ledger. */
	lease?: Lease;
	/** Durable before the call ends, whatever the ledger's durability. */
	ahead?: boolean;
}

/**
 * The durable memory of a run: which steps have begun, which are done and with what result.
 *
 * Opening reads the log once; every later question is answered from memory, and every change is
 * one record of the log.
 */
export interface Ledger extends Journal {
	readonly runId: string;
	/** Rows that could not be used, as far as anybody asked; what they recorded will be done again. */
	readonly corrupt: readonly CorruptRow[];

	/** The record of a step with this input, if any; a completed one wins over later failures. */
	entry(path: string, inputHash: string): LedgerEntry | undefined;

	/** The output of a completed step. */
	output(entry: LedgerEntry<CompletedRecord>): Promise<Json>;

	started(
		path: string,
		inputHash: string,
		attempt: number,
		how?: RecordOptions,
	): void | Promise<void>;

	completed(
		path: string,
		inputHash: string,
		result: JournaledResult,
		facts?: CompletionFacts,
		how?: RecordOptions,
	): void | Promise<void>;

	failed(
		path: string,
		inputHash: string,
		attempt: number,
		error: SerializedError,
		how?: RecordOptions,
	): void | Promise<void>;

	/** All records, in the order in which the steps were first recorded. */
	entries(): LedgerEntry[];

	/** Reads what others have recorded since. */
	refresh(): Promise<void>;

	/** Waits until everything recorded so far is durable. @throws what a write behind threw */
	flush(): Promise<void>;
}
