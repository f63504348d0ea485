import {
	Checkpoints,
	deleteRun,
	memoryStore,
	openLedger,
	pruneRuns,
	pruneWhenDue,
	Receipts,
	reportPart,
	type RunStatus,
	type Store,
} from '../../../lib';
import { TestClock } from '../store/contract';
import { ManualRuntime } from '../store/manualRuntime';

const DAY = 86_400_000;

describe('housekeeping', () => {
	const runtime = new ManualRuntime();
	let clock: TestClock;
	let store: Store;

	beforeEach(() => {
		clock = new TestClock();
		store = memoryStore(clock);
	});

	/** A run that was last heard of some days ago. */
	async function run(
		runId: string,
		daysAgo: number,
		status: RunStatus = 'completed',
	): Promise<void> {
		const now = clock.time;
		clock.time = now - daysAgo * DAY;
		const ledger = await openLedger({ store, runtime, runId, inlineLimit: 10 });
		await ledger.completed('a', 'h', { output: 'x'.repeat(100), attempt: 1, order: 1 });
		await new Checkpoints({ store, runtime }).save(runId, 'main', { runId });
		await new Receipts({ store, runtime, owner: 'o' }).claim(runId, 'pay');
		await reportPart(store, runId, 'Node', { status }, clock.time);
		clock.time = now;
	}
	const left = async () =>
		(await store.list('runs', { oldestFirst: true })).documents.map(({ id }) => id).sort();
	const leftovers = async () =>
		(
			await Promise.all(
				['runs', 'checkpoints', 'receipts', 'blobs'].map(async (name) => await store.list(name)),
			)
		).reduce((sum, { total }) => sum + total, 0);

	it('deletes a run with everything that belongs to it', async () => {
		await run('a', 0);
		const [checkpoint] = (await store.list('checkpoints')).documents;
		const size = await deleteRun(store, 'a');
		expect(size.records).toBe(2);
		expect(size.bytes).toBeGreaterThan(300);
		expect(await leftovers()).toBe(0);
		expect(await store.read(checkpoint!.id)).toEqual([]);
	});

	it('removes ended runs after a week and open ones after a quarter of a year', async () => {
		await run('new', 6);
		await run('old', 8);
		await run('failed', 8, 'failed');
		await run('waiting', 80, 'waiting');
		await run('lost', 91, 'running');
		const pruned = await pruneRuns(store, clock);
		expect(await left()).toEqual(['new', 'waiting']);
		expect(pruned).toMatchObject({ runs: 3, records: 6 });
	});

	it('keeps the latest of too many runs', async () => {
		for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) await run(name, 4 - index);
		await pruneRuns(store, clock, { maxRuns: 2 });
		expect(await left()).toEqual(['c', 'd']);
	});

	it('keeps the latest runs up to a size', async () => {
		for (const [index, name] of ['a', 'b', 'c'].entries()) await run(name, 3 - index);
		const size = (await store.measureRun('c')).bytes;
		await pruneRuns(store, clock, { maxBytes: size * 2 });
		expect(await left()).toEqual(['c']);
		await pruneRuns(store, clock, { maxBytes: 0 });
		expect(await left()).toEqual([]);
	});

	it('never removes an open run for lack of room', async () => {
		await run('open', 1, 'running');
		await pruneRuns(store, clock, { maxRuns: 0, maxBytes: 0 });
		expect(await left()).toEqual(['open']);
	});

	it('is done by itself every six hours, by one of those who open the store', async () => {
		await run('old', 8);
		const both = await Promise.all([pruneWhenDue(store, clock), pruneWhenDue(store, clock)]);
		expect(both.filter((pruned) => pruned?.runs === 1)).toHaveLength(1);
		await run('older', 8);
		clock.tick(6 * 3_600_000 - 1);
		expect(await pruneWhenDue(store, clock)).toBeUndefined();
		clock.tick(1);
		expect(await pruneWhenDue(store, clock)).toMatchObject({ runs: 1 });
	});

	it('goes on over many pages', async () => {
		for (let n = 0; n < 450; n++) await run(`r${n}`, 30);
		expect((await pruneRuns(store, clock)).runs).toBe(450);
		expect(await leftovers()).toBe(0);
	});
});
