import type { JsonObject, SerializedError, Usage } from '../core';
import { corruptRecord, decodeRecord, encodeRecord, type LogRow } from '../store';

interface Base {
	schemaVersion: 1;
	kind: 'step';
	/** `<node>/<item>[/<sub-step>]`, stable over retries and restarts. */
	path: string;
	/** Hash of the input; the same path with another input is other work. */
	inputHash: string;
	attempt: number;
	/** Milliseconds since the epoch. */
	at: number;
}

/** A step that has begun and, as far as the log knows, not ended. */
export interface StartedRecord extends Base {
	status: 'started';
}

/** A step that is done. Its output is the payload of the record. */
export interface CompletedRecord extends Base {
	status: 'completed';
	/** Place in the run's completion order. */
	order: number;
	next?: string[];
	durationMs?: number;
	usage?: Usage;
	/** Where a large output is kept. */
	blob?: string;
}

/** A step whose last attempt failed. */
export interface FailedRecord extends Base {
	status: 'failed';
	error: SerializedError;
}

/** What the log says about one execution of one step. */
export type LedgerRecord = StartedRecord | CompletedRecord | FailedRecord;

/** A step as the ledger knows it. */
export interface LedgerEntry<Record extends LedgerRecord = LedgerRecord> {
	record: Record;
	/** Its row in the log; undefined when this process wrote it. */
	seq?: number;
	/**
	 * JSON of the output, unless it is kept as a blob or there is none.
	 *
	 * @throws {EngineError} `RECORD_CORRUPT` when it was damaged in the store
	 */
	payload: () => string | undefined;
}

/** A row of the log that cannot be used. */
export interface CorruptRow {
	seq: number;
	reason: string;
}

/** A row as a step, `undefined` for a row of another kind, or why it cannot be used. */
export function readRow(row: LogRow): LedgerEntry | CorruptRow | undefined {
	try {
		const { header, payload } = decodeRecord(row.body);
		return header.kind === 'step' ? { record: checked(header), payload, seq: row.seq } : undefined;
	} catch (error) {
		return { seq: row.seq, reason: (error as Error).message };
	}
}

// By hand and not by a schema: it runs for each of the 100,000 records of a large run.
function checked(header: JsonObject): LedgerRecord {
	const { path, inputHash, attempt, at, status, order, error } = header;
	const whole =
		typeof path === 'string' &&
		typeof inputHash === 'string' &&
		typeof attempt === 'number' &&
		typeof at === 'number' &&
		(status === 'started' ||
			(status === 'completed' && typeof order === 'number') ||
			(status === 'failed' && typeof error === 'object'));
	if (!whole) throw corruptRecord('its header is not that of a step');
	return header as unknown as LedgerRecord;
}

/** A step as the text of a row. */
export function writeRow({ record, payload }: LedgerEntry): string {
	return encodeRecord(record, payload());
}
