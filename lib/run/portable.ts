import { z } from 'zod';

import { EngineError, hashOf, parse } from '../core';
import type { Store } from '../store';
import { BLOBS } from '../store';
import { CHECKPOINTS } from './checkpoints';
import { deleteRun, documentsOf } from './housekeeping';
import { RECEIPTS } from './receipts';
import { RUNS } from './runDocument';

/** Where the documents of a run are kept; leases are not taken along. */
const COLLECTIONS = [RUNS, CHECKPOINTS, RECEIPTS, BLOBS];

const documentSchema = z.object({
	collection: z.string(),
	id: z.string(),
	value: z.string(),
	status: z.string(),
});

const contentSchema = z.object({
	format: z.literal('agent-swarm-run'),
	schemaVersion: z.literal(1),
	runKey: z.string(),
	/** Milliseconds since the epoch. */
	exportedAt: z.number(),
	/** Records by log: the run's own and one for each checkpoint. */
	logs: z.record(z.array(z.string())),
	documents: z.array(documentSchema),
});

const exportSchema = contentSchema.extend({
	/** SHA-256 of all the rest. */
	checksum: z.string(),
});

/** A whole run as one JSON value that another store, on another machine, can read. */
export type ExportedRun = z.infer<typeof exportSchema>;

/**
 * Writes a run with its checkpoints, receipts and large values into one JSON value.
 *
 * @param now - milliseconds since the epoch
 * @throws {EngineError} `RUN_MISSING` when there is nothing under this key
 */
export async function exportRun(store: Store, runKey: string, now: number): Promise<ExportedRun> {
	const documents: Array<z.infer<typeof documentSchema>> = [];
	const logIds = [runKey];
	for (const collection of COLLECTIONS) {
		for await (const { id, value, status } of documentsOf(store, collection, runKey)) {
			documents.push({ collection, id, value, status });
			if (collection === CHECKPOINTS) logIds.push(id);
		}
	}
	const logs: Record<string, string[]> = {};
	for (const logId of logIds) {
		logs[logId] = (await store.read(logId)).map(({ body }) => body);
	}
	if (documents.length === 0 && logs[runKey]!.length === 0) throw missing(runKey);
	const content: z.infer<typeof contentSchema> = {
		format: 'agent-swarm-run',
		schemaVersion: 1,
		runKey,
		exportedAt: now,
		logs,
		documents,
	};
	return { ...content, checksum: hashOf(content) };
}

/**
 * Reads what {@link exportRun} wrote. Nothing is written unless everything is in order.
 *
 * @param whenExists - `fail`, or `replace` a run of this key that is there already
 * @returns the key of the run
 * @throws {EngineError} `VALIDATION` when the data is no export, `EXPORT_CORRUPT` when it was
 * changed, `RUN_EXISTS`
 */
export async function importRun(
	store: Store,
	exported: unknown,
	whenExists: 'fail' | 'replace' = 'fail',
): Promise<string> {
	const { checksum, ...content } = parse(exportSchema, exported, 'Exported run');
	if (hashOf(content) !== checksum) throw changed(content.runKey);
	const { runKey, logs, documents } = content;
	if (await exists(store, runKey)) {
		if (whenExists === 'fail') throw alreadyThere(runKey);
		await deleteRun(store, runKey);
	}
	for (const document of documents) {
		await store.put({ ...document, version: 'any', runId: runKey });
	}
	for (const [logId, bodies] of Object.entries(logs)) {
		await store.append(bodies.map((body) => ({ runId: logId, body })));
	}
	return runKey;
}

async function exists(store: Store, runKey: string): Promise<boolean> {
	const { records, documents } = await store.measureRun(runKey);
	return records + documents > 0;
}

function missing(runKey: string): EngineError {
	return new EngineError('RUN_MISSING', `There is no run "${runKey}" in this store.`, {
		errorClass: 'validation',
		hint: 'Check Run Key and Store',
		details: { runKey },
	});
}

function changed(runKey: string): EngineError {
	return new EngineError(
		'EXPORT_CORRUPT',
		`The exported run "${runKey}" was changed after it was written, so nothing was imported.`,
		{ errorClass: 'validation', hint: 'Export it again', details: { runKey } },
	);
}

function alreadyThere(runKey: string): EngineError {
	return new EngineError('RUN_EXISTS', `There is a run "${runKey}" in this store already.`, {
		errorClass: 'conflict',
		retryable: false,
		hint: 'Choose Replace to put the imported run in its place',
		details: { runKey },
	});
}
