import { createRequire } from 'node:module';
import { openPostgresStore, openRedisStore } from '../../engine/lib/index.js';
import { interleave } from '../../support/measure.mjs';
import { row } from '../../support/rows.mjs';
import { runtime } from '../../support/runtime.mjs';
import { postgresServer, redisServer } from '../../support/servers.mjs';

const require = createRequire(import.meta.url);
const N = 500;
const body = 'x'.repeat(1000);

/** Ours must need no more than this many times what the bare client needs for the same. */
const timesAtMost = (peer, times) => ({
	text: `<= ${times} x ${peer}`,
	holds: ({ ours, peers }) => ours <= peers[peer] * times,
});

const appends = (store) => ({
	ops: N,
	waits: true,
	run: async () => {
		const runId = runtime.newId();
		for (let n = 0; n < N; n++) await store.append([{ runId, body }]);
	},
});

/** One awaited record against one bare round trip. */
export async function redis() {
	const { Redis } = require('ioredis');
	const server = await redisServer();
	const store = await openRedisStore({ url: server.url, clock: runtime });
	const client = new Redis(server.url);
	const measured = await interleave({
		ours: appends(store),
		'round trip': {
			ops: N,
			waits: true,
			run: async () => {
				for (let n = 0; n < N; n++) await client.set('key', body);
			},
		},
	});
	await store.close();
	client.disconnect();
	server.stop();
	return [row('durable-step-redis', 'us/step', measured, [timesAtMost('round trip', 1.3)])];
}

/** One awaited record against one bare insert with its commit. */
export async function postgres() {
	const { Pool } = require('pg');
	const server = await postgresServer();
	const store = await openPostgresStore({ url: server.url, clock: runtime });
	const pool = new Pool({ connectionString: server.url });
	await pool.query('CREATE TABLE bare (run text, seq bigint, body text, PRIMARY KEY (run, seq))');
	const measured = await interleave({
		ours: appends(store),
		commit: {
			ops: N,
			waits: true,
			run: async () => {
				const run = runtime.newId();
				for (let n = 0; n < N; n++) {
					await pool.query('INSERT INTO bare VALUES ($1, $2, $3)', [run, n, body]);
				}
			},
		},
	});
	await store.close();
	await pool.end();
	server.stop();
	return [row('durable-step-postgres', 'us/step', measured, [timesAtMost('commit', 1.2)])];
}
