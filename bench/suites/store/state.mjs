import { openLedger, openSqliteStore, StateLog } from '../../engine/lib/index.js';
import { bareLog, newFile } from '../../support/files.mjs';
import { langGraphGrowing } from '../../support/langgraph.mjs';
import { sqliteSaver } from '../../support/langgraphSqlite.mjs';
import { mastraSaved } from '../../support/mastra.mjs';
import { interleave } from '../../support/measure.mjs';
import { atMost, row, timesFasterThan } from '../../support/rows.mjs';
import { runtime } from '../../support/runtime.mjs';

const S = 10_000;
/** Their time a step grows with the steps: at our number it would be hours. */
const PEER_S = 1000;
const MASTRA_S = 300;
const kilobyte = 'x'.repeat(1000);
const change = () => [{ op: 'append', path: ['rows'], values: [kilobyte] }];

async function grow(store, logId) {
	const log = await StateLog.open({ store, runtime, logId, keep: Infinity });
	await log.replace({ rows: [] });
	for (let n = 0; n < S; n++) await log.change(change());
}

/** A run whose state grows by 1 KB a step, saved after every step. */
export async function growingState() {
	const sqlite = await openSqliteStore({ path: newFile(), clock: runtime });
	const database = bareLog(newFile());
	const insert = database.prepare('INSERT INTO log (run, seq, body) VALUES (?, ?, ?)');
	const logIds = [];
	const measured = await interleave(
		{
			ours: {
				ops: S,
				run: async () => {
					logIds.push(runtime.newId());
					await grow(sqlite, logIds.at(-1));
				},
			},
			'bare delta log': {
				ops: S,
				run: () => {
					const run = runtime.newId();
					for (let n = 0; n < S; n++) insert.run(run, n, JSON.stringify(change()));
				},
			},
			'langgraph, sqlite, 1000 steps': {
				ops: PEER_S,
				run: langGraphGrowing(PEER_S, kilobyte, () => sqliteSaver(newFile())),
				rounds: 1,
			},
			'mastra, libsql, 300 steps': {
				ops: MASTRA_S,
				run: mastraSaved(MASTRA_S, kilobyte, newFile()),
				rounds: 1,
			},
		},
		3,
	);
	const { bytes } = await sqlite.measureRun(logIds.at(-1));
	await sqlite.close();
	database.close();
	const limit = Number((measured['bare delta log'] * 2).toFixed(1));
	return [
		row(`growing-state-${S}`, 'us/step', measured, [
			atMost(limit),
			timesFasterThan('langgraph, sqlite, 1000 steps', 20),
			timesFasterThan('mastra, libsql, 300 steps', 20),
		]),
		row(`growing-state-${S}-written`, 'KB/step', { ours: bytes / 1000 / S }, [atMost(3)]),
	];
}

async function recorded(store, steps, text) {
	const runId = runtime.newId();
	const ledger = await openLedger({ store, runtime, runId, durability: 'grouped' });
	for (let n = 0; n < steps; n++) {
		ledger.completed(`step/${n}`, 'hash', { output: text, attempt: 1, order: n + 1 });
	}
	await ledger.flush();
	return runId;
}

/** Opening a run again, with everything it has recorded. */
export async function restore() {
	const store = await openSqliteStore({ path: newFile(), clock: runtime });
	const small = await recorded(store, 3000, kilobyte);
	const large = await recorded(store, 100_000, 'x'.repeat(100));
	const logId = runtime.newId();
	const log = await StateLog.open({ store, runtime, logId });
	await log.replace({ rows: [] });
	for (let n = 0; n < 3000; n++) await log.change(change());
	const open = (runId) => ({
		ops: 1000,
		run: async () => void (await openLedger({ store, runtime, runId })),
	});
	const measured = await interleave(
		{
			small: open(small),
			large: open(large),
			state: { ops: 1000, run: async () => void (await StateLog.open({ store, runtime, logId })) },
		},
		7,
	);
	await store.close();
	return [
		row('restore-3000-steps-of-1-KB', 'ms', { ours: measured.small }, [atMost(10)]),
		row('restore-state-of-3000-KB', 'ms', { ours: measured.state }, [atMost(10)]),
		row('restore-100000-steps', 'ms', { ours: measured.large }, [atMost(1000)]),
	];
}
