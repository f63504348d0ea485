import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createClient } from '@libsql/client/http';

import { openLibsqlStore, type Store } from '../../../lib';
import { axiosHttpClient } from '../../../lib/host';
import type { Gateway } from '../../support/httpGateway';
import { startLibsqlGateway } from '../../support/libsqlGateway';
import { storeContract, TestClock } from './contract';

const TOKEN = 'libsql-token';
const folder = mkdtempSync(join(tmpdir(), 'agent-swarm-libsql-'));
const http = axiosHttpClient();
const gateways = new Map<Store, Gateway>();

afterAll(async () => {
	for (const gateway of gateways.values()) await gateway.close();
	rmSync(folder, { recursive: true });
});

async function start(): Promise<Gateway> {
	return await startLibsqlGateway(join(folder, `${gateways.size}.sqlite`), TOKEN);
}

async function open(gateway: Gateway, clock: TestClock, token = TOKEN): Promise<Store> {
	return await openLibsqlStore({ http, url: gateway.url, token, clock });
}

storeContract('libSQL', {
	open: async (clock) => {
		const gateway = await start();
		const store = await open(gateway, clock as TestClock);
		gateways.set(store, gateway);
		return store;
	},
	reopen: async (store, clock) => await open(gateways.get(store)!, clock as TestClock),
});

describe('libSQL store', () => {
	const clock = new TestClock();
	let gateway: Gateway;

	beforeAll(async () => {
		gateway = await startLibsqlGateway(join(folder, 'own.sqlite'), TOKEN);
	});
	afterAll(async () => await gateway.close());

	it('goes through a gateway that the official client accepts, and sees the same rows', async () => {
		const store = await open(gateway, clock);
		await store.append([{ runId: 'r', body: 'żółć 😀' }]);
		const client = createClient({ url: gateway.url, authToken: TOKEN });
		const { rows } = await client.execute({
			sql: 'SELECT * FROM log WHERE run_id = ?',
			args: ['r'],
		});
		expect(rows).toMatchObject([{ run_id: 'r', seq: 1, body: 'żółć 😀' }]);
		await client.batch(["UPDATE log SET body = 'changed'", 'SELECT 1'], 'write');
		expect(await store.read('r')).toEqual([{ seq: 1, body: 'changed' }]);
		client.close();
	});

	it('opens tables that are there', async () => {
		await (await open(gateway, clock)).append([{ runId: 'again', body: 'x' }]);
		expect(await (await open(gateway, clock)).read('again')).toHaveLength(1);
	});

	it('refuses tables of a newer version', async () => {
		const newer = await startLibsqlGateway(join(folder, 'newer.sqlite'), TOKEN);
		const store = await open(newer, clock);
		await store.put({ collection: 'meta', id: 'schema', version: 'any', value: '99' });
		await expect(open(newer, clock)).rejects.toMatchObject({ code: 'STORE_VERSION' });
		await newer.close();
	});

	it('says that the token is wrong, without showing it', async () => {
		const attempt = open(gateway, clock, 'wr0ng');
		await expect(attempt).rejects.toMatchObject({ errorClass: 'auth' });
		await expect(attempt).rejects.not.toThrow(/wr0ng/);
	});

	it('says what the server answered', async () => {
		const url = `${gateway.url}/elsewhere`;
		await expect(openLibsqlStore({ http, url, token: TOKEN, clock })).rejects.toMatchObject({
			code: 'STORE_UNAVAILABLE',
			message: expect.stringContaining('HTTP 404'),
		});
	});
});
