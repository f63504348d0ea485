import { acquireLease, memoryStore, type Store } from '../../../lib';
import { ManualRuntime } from './manualRuntime';

describe('lease', () => {
	let runtime: ManualRuntime;
	let store: Store;

	beforeEach(() => {
		runtime = new ManualRuntime();
		store = memoryStore(runtime);
	});

	const take = async (owner: string, ttlMs = 30_000) =>
		await acquireLease({ store, runtime, name: 'job', runId: 'r', owner, ttlMs });

	it('keeps others out while it is held, however long that is', async () => {
		await take('a');
		await runtime.advance(3_600_000);
		await expect(take('b')).rejects.toMatchObject({ code: 'LEASE_HELD', heldBy: 'a' });
	});

	it('is free again at once when released', async () => {
		const lease = await take('a');
		await lease.release();
		await lease.release();
		await expect(take('b')).resolves.toBeDefined();
		expect(lease.lost.aborted).toBe(false);
	});

	it('leaves no timer behind', async () => {
		const lease = await take('a');
		expect(runtime.pending).toBe(1);
		await lease.release();
		expect(runtime.pending).toBe(0);
	});

	it('passes on when its owner died', async () => {
		const dead = new ManualRuntime();
		await acquireLease({ store, runtime: dead, name: 'job', runId: 'r', owner: 'a' });
		await runtime.advance(29_999);
		await expect(take('b')).rejects.toMatchObject({ code: 'LEASE_HELD', retryAfterMs: 1 });
		await runtime.advance(1);
		await expect(take('b')).resolves.toBeDefined();
	});

	it('refuses the records of an owner who was taken for dead', async () => {
		const frozen = new ManualRuntime();
		const stale = await acquireLease({
			store,
			runtime: frozen,
			name: 'job',
			runId: 'r',
			owner: 'a',
		});
		await stale.append([{ runId: 'r', body: 'early' }]);
		await runtime.advance(30_000);
		const fresh = await take('b');
		await expect(stale.append([{ runId: 'r', body: 'late' }])).rejects.toMatchObject({
			code: 'LEASE_LOST',
		});
		expect(stale.lost.aborted).toBe(true);
		await fresh.append([{ runId: 'r', body: 'right' }]);
		expect((await store.read('r')).map(({ body }) => body)).toEqual(['early', 'right']);
	});

	it('tells an owner who wakes up too late', async () => {
		const frozen = new ManualRuntime();
		const stale = await acquireLease({
			store,
			runtime: frozen,
			name: 'job',
			runId: 'r',
			owner: 'a',
		});
		await runtime.advance(30_000);
		await take('b');
		await frozen.advance(10_000);
		expect(stale.lost.aborted).toBe(true);
		expect(frozen.pending).toBe(0);
		await stale.release();
		await expect(take('c')).rejects.toMatchObject({ heldBy: 'b' });
	});

	it('goes on appending after its own renewals', async () => {
		const lease = await take('a');
		await runtime.advance(60_000);
		await lease.append([{ runId: 'r', body: 'x' }]);
		expect(await store.read('r')).toHaveLength(1);
	});

	it('is given to one of many who ask at the same moment', async () => {
		const results = await Promise.allSettled(
			['a', 'b', 'c', 'd'].map(async (owner) => take(owner)),
		);
		expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
	});

	it('goes away with its run', async () => {
		await take('a');
		await store.removeRun('r');
		await expect(take('b')).resolves.toBeDefined();
	});
});
