import { openRedisStore, type Store } from '../../../lib';
import { freePort, startRedis, type RedisServer } from '../../support/redisServer';
import { storeContract, TestClock } from './contract';

let server: RedisServer;
let stores = 0;
const prefixes = new Map<Store, string>();

beforeAll(async () => {
	server = await startRedis();
});
afterAll(async () => await server.remove());

async function open(clock: TestClock, prefix: string): Promise<Store> {
	const store = await openRedisStore({ url: server.url, clock, prefix });
	prefixes.set(store, prefix);
	return store;
}

storeContract('Redis', {
	open: async (clock) => await open(clock as TestClock, `test${stores++}`),
	reopen: async (store, clock) => await open(clock as TestClock, prefixes.get(store)!),
});

describe('Redis store', () => {
	const clock = new TestClock();

	it('says that nobody answers', async () => {
		const url = `redis://127.0.0.1:${await freePort()}`;
		await expect(openRedisStore({ url, clock, timeoutMs: 500 })).rejects.toMatchObject({
			code: 'STORE_UNAVAILABLE',
			message: expect.stringContaining('Redis at 127.0.0.1'),
		});
	});

	it('says that the password is wrong, without showing it', async () => {
		const guarded = await startRedis('--requirepass', 'right');
		const { url } = guarded;
		const attempt = openRedisStore({ url, password: 'wr0ng', clock });
		await expect(attempt).rejects.toMatchObject({ errorClass: 'auth' });
		await expect(attempt).rejects.not.toThrow(/wr0ng/);
		const store = await openRedisStore({ url, password: 'right', clock });
		await expect(store.append([{ runId: 'a', body: 'x' }])).resolves.toEqual([1]);
		await store.close();
		await guarded.remove();
	});

	it('keeps what was saved when the server is killed, and goes on when it is back', async () => {
		const own = await startRedis();
		const store = await openRedisStore({ url: own.url, clock, timeoutMs: 2000 });
		await store.append([{ runId: 'a', body: 'before' }]);
		await own.stop('SIGKILL');
		await expect(store.append([{ runId: 'a', body: 'lost' }])).rejects.toMatchObject({
			code: 'STORE_UNAVAILABLE',
		});
		await own.restart();
		await store.append([{ runId: 'a', body: 'after' }]);
		expect((await store.read('a')).map(({ body }) => body)).toEqual(['before', 'after']);
		await store.close();
		await own.remove();
	});

	it('says that the server is full', async () => {
		const small = await startRedis('--maxmemory', '3mb', '--maxmemory-policy', 'noeviction');
		const store = await openRedisStore({ url: small.url, clock });
		const body = 'x'.repeat(4_000_000);
		await store.append([{ runId: 'a', body }]).catch(() => undefined);
		await expect(store.append([{ runId: 'a', body }])).rejects.toMatchObject({
			code: 'STORE_UNAVAILABLE',
			hint: expect.stringContaining('memory limit'),
		});
		await store.close();
		await small.remove();
	});
});
