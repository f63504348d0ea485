import { listRuns, memoryStore, readRun, reportPart } from '../../../lib';
import { TestClock } from '../store/contract';

describe('the record of a run', () => {
	const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3, costUsd: 0.5, calls: 1 };

	it('is unknown before anything was reported', async () => {
		expect(await readRun(memoryStore(new TestClock()), 'r')).toBeUndefined();
	});

	it('adds up what its nodes report', async () => {
		const store = memoryStore(new TestClock());
		await reportPart(store, 'r', 'Ask', { status: 'completed', usage }, 1);
		await reportPart(store, 'r', 'Search', { status: 'running', progress: 40, usage }, 2);
		expect(await readRun(store, 'r')).toMatchObject({
			runId: 'r',
			status: 'running',
			usage: { totalTokens: 6, costUsd: 1, calls: 2 },
			parts: { Ask: { status: 'completed', startedAt: 1 }, Search: { progress: 40 } },
		});
		await reportPart(store, 'r', 'Search', { status: 'completed' }, 3);
		expect((await readRun(store, 'r'))?.status).toBe('completed');
	});

	it('loses no report of nodes that report at the same moment', async () => {
		const store = memoryStore(new TestClock());
		const names = Array.from({ length: 10 }, (_, index) => `Node ${index}`);
		await Promise.all(
			names.map((name) => reportPart(store, 'r', name, { status: 'completed' }, 1)),
		);
		expect(Object.keys((await readRun(store, 'r'))!.parts).sort()).toEqual(names.sort());
	});

	it('needs not be read again for the next report, unless somebody else has written it', async () => {
		const store = memoryStore(new TestClock());
		const get = jest.spyOn(store, 'get');
		const first = await reportPart(store, 'r', 'A', { status: 'running' }, 1);
		const second = await reportPart(store, 'r', 'A', { progress: 50 }, 2, first);
		expect(get).toHaveBeenCalledTimes(1);
		await reportPart(store, 'r', 'B', { status: 'running' }, 3);
		await reportPart(store, 'r', 'A', { status: 'completed' }, 4, second);
		expect((await readRun(store, 'r'))?.parts).toMatchObject({
			A: { status: 'completed', progress: 50 },
			B: { status: 'running' },
		});
	});

	it('is failed as soon as one part failed and none runs', async () => {
		const store = memoryStore(new TestClock());
		await reportPart(store, 'r', 'A', { status: 'failed' }, 1);
		await reportPart(store, 'r', 'B', { status: 'completed' }, 2);
		expect((await readRun(store, 'r'))?.status).toBe('failed');
	});

	it('is listed with others, last updated first, by state and page', async () => {
		const clock = new TestClock();
		const store = memoryStore(clock);
		for (const [runId, status] of [
			['a', 'completed'],
			['b', 'running'],
			['c', 'completed'],
		] as const) {
			clock.tick();
			await reportPart(store, runId, 'N', { status }, clock.time);
		}
		const { runs, total } = await listRuns(store, { status: ['completed'], limit: 1 });
		expect(runs.map(({ runId }) => runId)).toEqual(['c']);
		expect(total).toBe(2);
	});
});
