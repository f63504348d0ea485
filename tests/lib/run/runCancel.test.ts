import { VirtualRuntime } from '../../../lib/core/virtualRuntime';
import { cancelRun, cancelWish, onRunCancelled } from '../../../lib/run';
import { memoryStore } from '../../../lib/store';

function world() {
	const runtime = new VirtualRuntime();
	const store = memoryStore(runtime);
	const place = { store, runtime, runId: 'order-7' };
	const heard: string[] = [];
	const listen = (at: Partial<typeof place> = {}) =>
		onRunCancelled({ ...place, ...at }, ({ message }) => heard.push(message));
	return { runtime, store, place, heard, listen };
}

describe('the wish to end a run', () => {
	it('is heard at once in the same process, by all that listen, once each', async () => {
		const { place, heard, listen, runtime } = world();
		listen();
		listen();
		listen({ runId: 'another' });
		await cancelRun(place, 'No longer needed.');
		expect(heard).toEqual(['No longer needed.', 'No longer needed.']);
		await cancelRun(place);
		await runtime.advance(5000);
		expect(heard).toHaveLength(2);
	});

	it('is heard within a second when another process has made it', async () => {
		const { store, heard, listen, runtime } = world();
		listen();
		await runtime.advance(2500);
		const value = JSON.stringify({ at: runtime.now(), message: 'Stop.' });
		const write = { collection: 'runCancels', id: 'order-7', value, runId: 'order-7' };
		await store.put({ ...write, version: 'any' });
		expect(heard).toEqual([]);
		await runtime.advance(1000);
		expect(heard).toEqual(['Stop.']);
		expect(runtime.pendingTimers).toBe(0);
	});

	it('does not count for what begins later', async () => {
		const { place, store, heard, listen, runtime } = world();
		await cancelRun(place);
		expect(await cancelWish(store, 'order-7', runtime.now())).toMatchObject({
			message: 'The run was cancelled.',
		});
		await runtime.advance(1);
		listen();
		await runtime.advance(3000);
		expect(heard).toEqual([]);
	});

	it('is not heard by those who no longer listen, or whose store is out of reach', async () => {
		const { place, store, heard, listen, runtime } = world();
		const stop = listen();
		stop();
		stop();
		await cancelRun(place);
		const broken = { ...store, get: async () => await Promise.reject(new Error('gone')) };
		const end = listen({ store: broken });
		await runtime.advance(3000);
		end();
		expect([heard, runtime.pendingTimers]).toEqual([[], 0]);
	});

	it('that is read when listening has just ended is not told', async () => {
		const { place, store, heard, runtime } = world();
		let stop = (): void => undefined;
		const slow = {
			...store,
			get: async (collection: string, id: string) => {
				stop();
				return await store.get(collection, id);
			},
		};
		stop = onRunCancelled({ ...place, store: slow }, ({ message }) => heard.push(message));
		await runtime.advance(3000);
		expect([heard, runtime.pendingTimers]).toEqual([[], 0]);
	});
});
