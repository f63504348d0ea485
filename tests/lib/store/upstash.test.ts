import { Redis } from '@upstash/redis';

import { redisStore, upstashRedis, type Store } from '../../../lib';
import { axiosHttpClient } from '../../../lib/host';
import type { Gateway } from '../../support/httpGateway';
import { startRedis, type RedisServer } from '../../support/redisServer';
import { startUpstashGateway } from '../../support/upstashGateway';
import { storeContract, TestClock } from './contract';

const TOKEN = 'upstash-token';
const http = axiosHttpClient();
const prefixes = new Map<Store, string>();
let server: RedisServer;
let gateway: Gateway;
let stores = 0;

beforeAll(async () => {
	server = await startRedis();
	gateway = await startUpstashGateway(server.url, TOKEN);
});
afterAll(async () => {
	await gateway.close();
	await server.remove();
});

function open(clock: TestClock, prefix: string, token = TOKEN): Store {
	const redis = upstashRedis({ http, url: gateway.url, token });
	const store = redisStore({ redis, clock, prefix });
	prefixes.set(store, prefix);
	return store;
}

storeContract('Upstash', {
	open: async (clock) => await Promise.resolve(open(clock as TestClock, `test${stores++}`)),
	reopen: async (store, clock) =>
		await Promise.resolve(open(clock as TestClock, prefixes.get(store)!)),
});

describe('Upstash store', () => {
	it('goes through a gateway that the official client accepts', async () => {
		const client = new Redis({ url: gateway.url, token: TOKEN, enableTelemetry: false });
		await client.set('greeting', 'żółć 😀');
		expect(await client.get('greeting')).toBe('żółć 😀');
		expect(await client.eval('return {KEYS[1], ARGV[1], 7}', ['k'], ['v'])).toEqual(['k', 'v', 7]);
		const [first, second] = await client.pipeline().set('n', 1).incr('n').exec();
		expect([first, second]).toEqual(['OK', 2]);
	});

	it('says that the token is wrong, without showing it', async () => {
		const attempt = open(new TestClock(), 'x', 'wr0ng').get('runs', 'r');
		await expect(attempt).rejects.toMatchObject({ errorClass: 'auth' });
		await expect(attempt).rejects.not.toThrow(/wr0ng/);
	});

	it('says that nobody answers', async () => {
		const redis = upstashRedis({ http, url: 'http://127.0.0.1:1', token: '' });
		const attempt = redisStore({ redis, clock: new TestClock() }).get('runs', 'r');
		await expect(attempt).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
	});
});
