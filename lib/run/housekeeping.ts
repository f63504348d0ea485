import type { Runtime } from '../core';
import { isStoreConflict, type RunSize, type Store, type StoredDocument } from '../store';
import { CHECKPOINTS } from './checkpoints';
import type { RunStatus } from './records';
import { RUNS } from './runDocument';

const DAY_MS = 86_400_000;
const PAGE = 200;

/** Runs that nothing will change any more by itself. */
const ENDED: readonly RunStatus[] = ['completed', 'failed', 'cancelled', 'timed_out'];

/** What to keep. */
export interface Retention {
	/** Ended runs go when nothing was saved for this long, in days. Default 7. */
	maxAgeDays?: number;
	/** Runs that never ended go after this long, in days. Default 90. */
	maxOpenAgeDays?: number;
	/** At most this many ended runs stay, the latest. Default 10000. */
	maxRuns?: number;
	/** Ended runs stay up to this many characters in all, the latest first. Default 1 GiB. */
	maxBytes?: number;
}

/** What was removed. */
export interface Pruned extends RunSize {
	runs: number;
}

/** Removes a run with its checkpoints, receipts and large values. */
export async function deleteRun(store: Store, runId: string): Promise<RunSize> {
	const size = { records: 0, documents: 0, bytes: 0 };
	for await (const { id } of documentsOf(store, CHECKPOINTS, runId)) {
		add(size, await store.removeRun(id));
	}
	add(size, await store.removeRun(runId));
	return size;
}

/** How often a store is pruned by itself. */
const PRUNE_EVERY_MS = 6 * 3_600_000;

/**
 * Prunes a store, unless somebody did in the last six hours. For calling whenever a store is
 * opened: of many processes, one does it.
 *
 * @returns what was removed, or `undefined` when it was not due
 */
export async function pruneWhenDue(
	store: Store,
	runtime: Pick<Runtime, 'now'>,
	retention: Retention = {},
): Promise<Pruned | undefined> {
	const last = await store.get('meta', 'prune');
	if (last !== undefined && runtime.now() - last.updatedAt < PRUNE_EVERY_MS) return undefined;
	const write = { collection: 'meta', id: 'prune', version: last?.version ?? 0, value: 'started' };
	const mine = await store
		.put(write)
		.then(() => true)
		.catch((error: Error) => (isStoreConflict(error) ? false : Promise.reject(error)));
	return mine ? await pruneRuns(store, runtime, retention) : undefined;
}

/** Removes what is older, or more, than what is to be kept. */
export async function pruneRuns(
	store: Store,
	runtime: Pick<Runtime, 'now'>,
	retention: Retention = {},
): Promise<Pruned> {
	const { maxAgeDays = 7, maxOpenAgeDays = 90 } = retention;
	const pruned = { runs: 0, records: 0, documents: 0, bytes: 0 };
	const now = runtime.now();
	await removeOld(store, pruned, now - maxAgeDays * DAY_MS, ENDED);
	await removeOld(store, pruned, now - maxOpenAgeDays * DAY_MS);
	await removeSurplus(store, pruned, retention);
	return pruned;
}

async function removeOld(
	store: Store,
	pruned: Pruned,
	updatedBefore: number,
	status?: readonly string[],
): Promise<void> {
	const query = { updatedBefore, oldestFirst: true, limit: PAGE };
	for (;;) {
		const page = await store.list(RUNS, status === undefined ? query : { ...query, status });
		for (const { id } of page.documents) await removeCounted(store, pruned, id);
		if (page.documents.length < PAGE) return;
	}
}

/** Goes from the latest run to the oldest, and removes all after the limits are reached. */
async function removeSurplus(
	store: Store,
	pruned: Pruned,
	{ maxRuns = 10_000, maxBytes = 2 ** 30 }: Retention,
): Promise<void> {
	const surplus: string[] = [];
	let runs = 0;
	let bytes = 0;
	for (let offset = 0; ; offset += PAGE) {
		const { documents } = await store.list(RUNS, { status: ENDED, limit: PAGE, offset });
		for (const { id } of documents) {
			runs++;
			if (runs <= maxRuns && bytes <= maxBytes) bytes += (await measureWhole(store, id)).bytes;
			if (runs > maxRuns || bytes > maxBytes) surplus.push(id);
		}
		if (documents.length < PAGE) break;
	}
	for (const id of surplus) await removeCounted(store, pruned, id);
}

async function measureWhole(store: Store, runId: string): Promise<RunSize> {
	const size = await store.measureRun(runId);
	for await (const { id } of documentsOf(store, CHECKPOINTS, runId)) {
		add(size, await store.measureRun(id));
	}
	return size;
}

async function removeCounted(store: Store, pruned: Pruned, runId: string): Promise<void> {
	add(pruned, await deleteRun(store, runId));
	pruned.runs++;
}

function add(sum: RunSize, more: RunSize): void {
	sum.records += more.records;
	sum.documents += more.documents;
	sum.bytes += more.bytes;
}

/** The documents of one collection that a run owns; they may be removed on the way. */
export async function* documentsOf(
	store: Store,
	collection: string,
	runId: string,
): AsyncGenerator<StoredDocument> {
	const all: StoredDocument[] = [];
	for (let offset = 0; ; offset += PAGE) {
		const { documents } = await store.list(collection, { runId, limit: PAGE, offset });
		all.push(...documents);
		if (documents.length < PAGE) break;
	}
	yield* all;
}
