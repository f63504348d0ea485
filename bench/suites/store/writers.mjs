import { Worker } from 'node:worker_threads';
import { openSqliteStore } from '../../engine/lib/index.js';
import { newFile } from '../../support/files.mjs';
import { interleave } from '../../support/measure.mjs';
import { atMost, row } from '../../support/rows.mjs';
import { runtime } from '../../support/runtime.mjs';

const WRITERS = 4;
const N = 500;

/** What one writer does, in a thread of its own: its store is a connection of its own. */
const writer = `
	const { workerData, parentPort } = require('node:worker_threads');
	const { openSqliteStore } = require(workerData.engine);
	(async () => {
		const store = await openSqliteStore({ path: workerData.path, clock: Date, busyTimeoutMs: 60000 });
		for (let n = 0; n < workerData.count; n++) {
			await store.append([{ runId: workerData.runId, body: 'x'.repeat(1000) }]);
		}
		await store.close();
		parentPort.postMessage('done');
	})();
`;

function write(path, runId, count) {
	const engine = new URL('../../engine/lib/index.js', import.meta.url).pathname;
	const thread = new Worker(writer, { eval: true, workerData: { engine, path, runId, count } });
	return new Promise((resolve, reject) => {
		thread.once('error', reject);
		thread.once('exit', () => resolve());
	});
}

/** Several connections that write to one file at the same time, against one that writes it all. */
export async function concurrentWriters() {
	const path = newFile();
	const store = await openSqliteStore({ path, clock: runtime });
	const measured = await interleave(
		{
			ours: {
				ops: WRITERS * N,
				waits: true,
				run: async () => {
					const runId = runtime.newId();
					await Promise.all(Array.from({ length: WRITERS }, () => write(path, runId, N)));
					const rows = await store.read(runId);
					if (rows.length !== WRITERS * N) throw new Error(`${rows.length} records arrived`);
				},
			},
			'one writer': {
				ops: WRITERS * N,
				waits: true,
				run: () => write(path, runtime.newId(), WRITERS * N),
			},
		},
		3,
	);
	await store.close();
	const limit = Number((measured['one writer'] * 3).toFixed(0));
	return [row('writers-4-one-file', 'us/record', measured, [atMost(limit)])];
}
