import type { Pool } from 'pg';

import { openPostgresStore, type Store } from '../../../lib';
import { startPostgres, type PostgresServer } from '../../support/postgresServer';
import { freePort } from '../../support/redisServer';
import { storeContract, TestClock } from './contract';

let server: PostgresServer;
let stores = 0;
const prefixes = new Map<Store, string>();

beforeAll(async () => {
	server = await startPostgres();
}, 60_000);
afterAll(async () => await server.remove());

async function open(clock: TestClock, prefix: string): Promise<Store> {
	const store = await openPostgresStore({ url: server.url, clock, prefix, maxConnections: 3 });
	prefixes.set(store, prefix);
	return store;
}

storeContract('PostgreSQL', {
	open: async (clock) => await open(clock as TestClock, `test${stores++}`),
	reopen: async (store, clock) => await open(clock as TestClock, prefixes.get(store)!),
});

describe('PostgreSQL store', () => {
	const clock = new TestClock();

	it('lets processes that start together create the tables once', async () => {
		const all = await Promise.all(Array.from({ length: 5 }, async () => await open(clock, 'race')));
		await Promise.all(
			all.map(async (store, n) => await store.append([{ runId: 'a', body: `${n}` }])),
		);
		expect(await all[0]!.read('a')).toHaveLength(5);
		for (const store of all) await store.close();
	});

	it('says that nobody answers', async () => {
		const url = `postgresql://swarm@127.0.0.1:${await freePort()}/postgres`;
		await expect(openPostgresStore({ url, clock })).rejects.toMatchObject({
			code: 'STORE_UNAVAILABLE',
			message: expect.stringContaining('PostgreSQL at 127.0.0.1'),
		});
	});

	it('says that the database does not exist, and what to do', async () => {
		const url = server.url.replace('/postgres', '/nothing');
		await expect(openPostgresStore({ url, clock })).rejects.toMatchObject({
			hint: expect.stringContaining('Create the database'),
		});
	});

	it('refuses a prefix that does not fit into a statement', async () => {
		const prefix = 'x; DROP TABLE users';
		await expect(openPostgresStore({ url: server.url, clock, prefix })).rejects.toMatchObject({
			code: 'VALIDATION',
		});
	});

	it('goes on behind a pooler whose connections do not know its statements', async () => {
		const store = await open(clock, 'pooled');
		await store.append([{ runId: 'a', body: 'prepared' }]);
		const { pool } = store as unknown as { pool: Pool };
		// What another connection of the server looks like to the client.
		await pool.query('DEALLOCATE ALL');
		await expect(store.append([{ runId: 'a', body: 'once' }])).resolves.toEqual([2]);
		await pool.query('DEALLOCATE ALL');
		await expect(store.append([{ runId: 'a', body: 'and again' }])).resolves.toEqual([3]);
		expect(await store.read('a')).toHaveLength(3);
		await store.close();
	});

	it('keeps what was saved when the server is killed, and goes on when it is back', async () => {
		const store = await open(clock, 'crash');
		await store.append([{ runId: 'a', body: 'before' }]);
		await server.crash();
		await expect(store.append([{ runId: 'a', body: 'lost' }])).rejects.toMatchObject({
			code: 'STORE_UNAVAILABLE',
		});
		await server.restart();
		await store.append([{ runId: 'a', body: 'after' }]);
		expect((await store.read('a')).map(({ body }) => body)).toEqual(['before', 'after']);
		await store.close();
	}, 60_000);
});
