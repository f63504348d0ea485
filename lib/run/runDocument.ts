import { z } from 'zod';

import { addUsage, noUsage, parse, parseJson, type Usage } from '../core';
import {
	isStoreConflict,
	type DocumentPage,
	type ListQuery,
	type Store,
	type StoredDocument,
} from '../store';
import { RUN_STATUSES, serializedErrorSchema, type RunStatus } from './records';

/** Where the records of runs are kept. */
export const RUNS = 'runs';

const usageSchema = z.object({
	inputTokens: z.number(),
	outputTokens: z.number(),
	totalTokens: z.number(),
	costUsd: z.number().nullable(),
	calls: z.number(),
});

const partSchema = z.object({
	status: z.enum(RUN_STATUSES),
	/** Milliseconds since the epoch. */
	startedAt: z.number(),
	updatedAt: z.number(),
	/** 0 to 100, as far as the node can tell. */
	progress: z.number().min(0).max(100).optional(),
	message: z.string().optional(),
	/** What the node tells of its work besides, as JSON. */
	detail: z.record(z.unknown()).optional(),
	error: serializedErrorSchema.optional(),
	/** When the budget ended its work, or cut it short, and what was said then. */
	budgetReached: z.object({ at: z.number(), error: serializedErrorSchema }).optional(),
	usage: usageSchema.optional(),
	/** What recorded results saved, instead of being paid again. */
	saved: z.object({ steps: z.number(), durationMs: z.number(), usage: usageSchema }).optional(),
});

const runSchema = z.object({
	schemaVersion: z.literal(1),
	runId: z.string(),
	createdAt: z.number(),
	/** What each node of the run last reported, by the node's name. */
	parts: z.record(partSchema),
	metadata: z.record(z.unknown()).default({}),
});

/** What one node reports about its part of the run. */
export type RunPart = z.infer<typeof partSchema>;

/** The record of a run that other executions may ask for. */
export interface RunSummary extends z.infer<typeof runSchema> {
	/** What the parts add up to: running while one runs, failed when one failed. */
	status: RunStatus;
	updatedAt: number;
	usage: Usage;
}

/** The most severe state of any part is the state of the run. */
const BY_SEVERITY: readonly RunStatus[] = [
	'cancelling',
	'running',
	'pausing',
	'waiting',
	'paused',
	'pending',
	'timed_out',
	'failed',
	'cancelled',
];

function statusOf(parts: Readonly<Record<string, RunPart>>): RunStatus {
	const states = new Set(Object.values(parts).map(({ status }) => status));
	return BY_SEVERITY.find((status) => states.has(status)) ?? 'completed';
}

/** Reads the record of a run. */
export async function readRun(store: Store, runId: string): Promise<RunSummary | undefined> {
	const document = await store.get(RUNS, runId);
	return document === undefined ? undefined : summary(document.value, document.updatedAt);
}

/** Lists runs, last updated first. */
export async function listRuns(
	store: Store,
	query: Pick<ListQuery, 'limit' | 'offset' | 'status' | 'idPrefix'>,
): Promise<{ runs: RunSummary[]; total: number }> {
	const page: DocumentPage = await store.list(RUNS, query);
	return {
		runs: page.documents.map(({ value, updatedAt }) => summary(value, updatedAt)),
		total: page.total,
	};
}

function summary(value: string, updatedAt: number): RunSummary {
	const run = parse(runSchema, parseJson(value), 'Record of a run');
	const usage = Object.values(run.parts).reduce(
		(sum, part) => (part.usage === undefined ? sum : addUsage(sum, part.usage)),
		noUsage(),
	);
	return { ...run, status: statusOf(run.parts), updatedAt, usage };
}

/**
 * Reports on one node's part of a run; what other nodes reported stays.
 *
 * @param change - replaces the fields it names
 * @param now - milliseconds since the epoch
 * @param last - what the last report gave back: saves reading it, unless somebody has changed it since
 * @returns the record as stored
 */
export async function reportPart(
	store: Store,
	runId: string,
	part: string,
	change: Partial<Omit<RunPart, 'startedAt' | 'updatedAt'>>,
	now: number,
	last?: StoredDocument,
): Promise<StoredDocument> {
	for (let seen = last; ; seen = undefined) {
		const document = seen ?? (await store.get(RUNS, runId));
		const run =
			document === undefined
				? { schemaVersion: 1 as const, runId, createdAt: now, parts: {}, metadata: {} }
				: parse(runSchema, parseJson(document.value), 'Record of a run');
		const before = run.parts[part] ?? { status: 'running' as const, startedAt: now };
		const parts = { ...run.parts, [part]: { ...before, ...change, updatedAt: now } };
		const write = {
			collection: RUNS,
			id: runId,
			version: document?.version ?? 0,
			value: JSON.stringify({ ...run, parts }),
			status: statusOf(parts),
			runId,
		};
		const written = await store
			.put(write)
			.catch((error: Error) => (isStoreConflict(error) ? undefined : Promise.reject(error)));
		if (written !== undefined) return written;
	}
}
