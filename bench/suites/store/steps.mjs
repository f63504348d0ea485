import { memoryStore, openLedger, openSqliteStore } from '../../engine/lib/index.js';
import { bareLog, newFile } from '../../support/files.mjs';
import { langGraphLoopSaved } from '../../support/langgraph.mjs';
import { interleave } from '../../support/measure.mjs';
import { atMost, row, timesFasterThan } from '../../support/rows.mjs';
import { runtime } from '../../support/runtime.mjs';

const N = 3000;
const PEER_N = 300;
const output = { text: 'x'.repeat(1000) };

async function recordSteps(store) {
	const ledger = await openLedger({ store, runtime, runId: runtime.newId() });
	for (let n = 0; n < N; n++) {
		ledger.started(`step/${n}`, 'hash', 1);
		await ledger.completed(`step/${n}`, 'hash', { output, attempt: 1, order: n + 1 });
	}
}

/** A loop of steps with 1 KB of result, each safe before the next begins. */
export async function durableSteps() {
	const sqlite = await openSqliteStore({ path: newFile(), clock: runtime });
	const database = bareLog(newFile());
	const insert = database.prepare('INSERT INTO log (run, seq, body) VALUES (?, ?, ?)');
	let rounds = 0;
	const measured = await interleave(
		{
			ours: { ops: N, run: () => recordSteps(sqlite) },
			'bare insert': {
				ops: N,
				run: () => {
					const run = `run ${rounds++}`;
					for (let n = 0; n < N; n++) insert.run(run, n, JSON.stringify(output));
				},
			},
			'ours, in memory': { ops: N, run: () => recordSteps(memoryStore(runtime)) },
			'langgraph, in memory': { ops: PEER_N, run: langGraphLoopSaved(PEER_N), rounds: 3 },
		},
		7,
	);
	await sqlite.close();
	database.close();
	const { 'bare insert': bare, ...rest } = measured;
	return [
		row('durable-step-sqlite', 'us/step', { ...rest, 'bare insert': bare }, [
			atMost(Number((bare * 1.5).toFixed(1))),
			timesFasterThan('langgraph, in memory', 5),
		]),
	];
}
