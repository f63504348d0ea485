import { memoryStore, openLedger, openSqliteStore } from '../../engine/lib/index.js';
import { bareLog, newFile } from '../../support/files.mjs';
import { dbosSteps } from '../../support/dbos.mjs';
import { langGraphLoopSaved } from '../../support/langgraph.mjs';
import { sqliteSaver } from '../../support/langgraphSqlite.mjs';
import { mastraSaved } from '../../support/mastra.mjs';
import { interleave } from '../../support/measure.mjs';
import { atMost, row, timesFasterThan } from '../../support/rows.mjs';
import { runtime } from '../../support/runtime.mjs';
import { postgresServer } from '../../support/servers.mjs';

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
	const server = await postgresServer();
	const dbos = await dbosSteps(server.url, PEER_N);
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
			'langgraph, sqlite': {
				ops: PEER_N,
				run: langGraphLoopSaved(PEER_N, () => sqliteSaver(newFile())),
				rounds: 3,
			},
			'mastra, libsql': {
				ops: PEER_N,
				run: mastraSaved(PEER_N, output.text, newFile()),
				rounds: 3,
			},
			'dbos, postgres': { ops: PEER_N, run: dbos.run, rounds: 3, waits: true },
		},
		7,
	);
	await sqlite.close();
	database.close();
	await dbos.stop();
	server.stop();
	const { 'bare insert': bare, ...rest } = measured;
	return [
		row('durable-step-sqlite', 'us/step', { ...rest, 'bare insert': bare }, [
			atMost(Number((bare * 1.5).toFixed(1))),
			...['langgraph, sqlite', 'mastra, libsql', 'dbos, postgres'].map((peer) =>
				timesFasterThan(peer, 20),
			),
		]),
	];
}
