import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import { beat, JOIN_WATCHERS, WAKE_LAG_MS, watchJoin, type JoinWatcher } from '../../../lib/run';
import { acquireLease, memoryStore } from '../../../lib/store';

async function watched(watcher: JoinWatcher = 'first') {
	const runtime = new VirtualRuntime();
	const store = memoryStore(runtime);
	const done: string[] = [];
	const host = { abandoned: false };
	const options = {
		store,
		runtime,
		joinId: 'j',
		watcher,
		ports: {
			isAbandoned: async () => await Promise.resolve(host.abandoned),
			startRunner: async () => void (await Promise.resolve(done.push('runner'))),
			startWatcher: async (other: JoinWatcher) =>
				void (await Promise.resolve(done.push(`watcher ${other}`))),
		},
	};
	await beat(options, 'first');
	await beat(options, 'second');
	return { runtime, store, done, host, options, look: async () => await watchJoin(options) };
}

describe('a watcher of a join', () => {
	it('starts a runner when none is at work', async () => {
		const { done, look, store, runtime } = await watched();
		expect(await look()).toBe('again');
		expect(done).toEqual(['runner']);
		const lease = await acquireLease({ store, runtime, name: 'join:j', owner: 'r', runId: 'r' });
		expect(await look()).toBe('again');
		expect(done).toEqual(['runner']);
		await lease.release();
		await look();
		expect(done).toEqual(['runner', 'runner']);
	});

	it('starts another runner when the one at work is late with its sign of life', async () => {
		const { done, look, store, runtime } = await watched();
		const held = async (remainingMs: number) => {
			const value = JSON.stringify({ owner: 'r', expiresAt: runtime.now() + remainingMs });
			await store.put({ collection: 'leases', id: 'join:j', version: 'any', value, runId: 'r' });
		};
		await held(10_000);
		await look();
		expect(done).toEqual([]);
		await held(9_999);
		await look();
		expect(done).toEqual(['runner']);
	});

	it.each(['first', 'second'] as const)(
		'%s replaces the other after three silent looks',
		async (watcher) => {
			const { done, look, runtime } = await watched(watcher);
			const other = watcher === 'first' ? 'second' : 'first';
			await runtime.advance(3 * (JOIN_WATCHERS[other] + WAKE_LAG_MS));
			await look();
			expect(done).toEqual(['runner']);
			await runtime.advance(1);
			await look();
			expect(done).toEqual(['runner', `watcher ${other}`, 'runner']);
			// The new one has not looked yet, but is not dead.
			await look();
			expect(done).toEqual(['runner', `watcher ${other}`, 'runner', 'runner']);
		},
	);

	it('ends when nobody waits any more', async () => {
		const { done, look, host } = await watched();
		host.abandoned = true;
		expect(await look()).toBe('over');
		expect(done).toEqual([]);
	});
});
