import { EngineError, type Json, type Runtime } from '../core';
import { loadBlob, saveBlob, type Store } from '../store';
import { Checkpoints } from './checkpoints';
import { openLedger } from './storedLedger';
import { reportPart } from './runDocument';
import { writeRow, type CompletedRecord, type LedgerEntry } from './stepRecord';

/** How to fork a run. */
export interface ForkOptions {
	store: Store;
	runtime: Runtime;
	from: string;
	/** The key of the new run. */
	to: string;
	/**
	 * The step to start over from: it and all that were done after it are left behind. A path, or
	 * its beginning up to a `/`. Default: every step is taken along.
	 */
	fromStep?: string;
	/** New states of checkpoints in the new run, by their names. */
	patch?: Readonly<Record<string, Json>>;
}

/** What the new run has. */
export interface ForkedRun {
	runKey: string;
	forkedFrom: string;
	steps: number;
	checkpoints: number;
}

/**
 * Starts a new run from the middle of another one. Receipts are not taken along: what was confirmed
 * once for the old run may be right to do again for the new one.
 *
 * @throws {EngineError} `RUN_EXISTS`, or `STEP_MISSING` when `fromStep` was never done
 */
export async function forkRun(options: ForkOptions): Promise<ForkedRun> {
	const { store, runtime, from, to, fromStep, patch = {} } = options;
	const target = await store.measureRun(to);
	if (target.records + target.documents > 0) throw taken(to);
	const ledger = await openLedger({ store, runtime, runId: from });
	const done = ledger
		.entries()
		.filter(({ record: { path, inputHash } }) => ledger.entry(path, inputHash) !== undefined)
		.filter((entry): entry is LedgerEntry<CompletedRecord> => entry.record.status === 'completed');
	const kept = fromStep === undefined ? done : before(done, fromStep, from);
	const rows: string[] = [];
	for (const entry of kept) {
		const { blob } = entry.record;
		if (blob !== undefined) await saveBlob(store, to, await loadBlob(store, from, blob));
		rows.push(writeRow(entry));
	}
	await store.append(rows.map((body) => ({ runId: to, body })));
	const checkpoints = await copyCheckpoints(options, patch);
	const message = `Forked from ${from}${fromStep === undefined ? '' : ` before ${fromStep}`}`;
	await reportPart(store, to, 'Fork', { status: 'completed', message }, runtime.now());
	return { runKey: to, forkedFrom: from, steps: kept.length, checkpoints };
}

function before(
	done: ReadonlyArray<LedgerEntry<CompletedRecord>>,
	fromStep: string,
	runKey: string,
): Array<LedgerEntry<CompletedRecord>> {
	const orders = done
		.filter(({ record: { path } }) => path === fromStep || path.startsWith(`${fromStep}/`))
		.map(({ record }) => record.order);
	if (orders.length === 0) throw unknownStep(fromStep, runKey, done);
	const first = Math.min(...orders);
	return done.filter(({ record }) => record.order < first);
}

async function copyCheckpoints(
	{ store, runtime, from, to }: ForkOptions,
	patch: Readonly<Record<string, Json>>,
): Promise<number> {
	const checkpoints = new Checkpoints({ store, runtime });
	const names = new Set(Object.keys(patch));
	for (const { name } of await checkpoints.all(from)) names.add(name);
	for (const name of names) {
		const state = Object.hasOwn(patch, name)
			? patch[name]
			: (await checkpoints.load(from, name))?.state;
		if (state !== undefined) await checkpoints.save(to, name, state);
	}
	return names.size;
}

function taken(runKey: string): EngineError {
	return new EngineError('RUN_EXISTS', `There is a run "${runKey}" in this store already.`, {
		errorClass: 'conflict',
		retryable: false,
		hint: 'Choose another New Run Key, or delete that run first',
		details: { runKey },
	});
}

function unknownStep(
	fromStep: string,
	runKey: string,
	done: ReadonlyArray<LedgerEntry<CompletedRecord>>,
): EngineError {
	const known = done.slice(0, 10).map(({ record }) => record.path);
	return new EngineError('STEP_MISSING', `Run "${runKey}" has no completed step "${fromStep}".`, {
		errorClass: 'validation',
		hint:
			known.length === 0
				? 'The run has no completed steps'
				: `Steps of the run: ${known.join(', ')}`,
		details: { runKey, fromStep, known },
	});
}
