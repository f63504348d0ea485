import { memoryStore, openLedger, type Ledger, type LedgerOptions, type Store } from '../../../lib';
import { ManualRuntime } from '../store/manualRuntime';

const failure = {
	code: 'X',
	errorClass: 'server' as const,
	message: 'no answer',
	retryable: true,
};

describe('ledger', () => {
	let runtime: ManualRuntime;
	let store: Store;

	beforeEach(() => {
		runtime = new ManualRuntime();
		store = memoryStore(runtime);
	});

	const open = async (more: Partial<LedgerOptions> = {}): Promise<Ledger> =>
		await openLedger({ store, runtime, runId: 'r', ...more });
	const statuses = async () =>
		(await open()).entries().map(({ record }) => `${record.path} ${record.status}`);

	it('knows nothing of a new run', async () => {
		const ledger = await open();
		expect(ledger.entries()).toEqual([]);
		expect(ledger.find('a', 'h')).toBeUndefined();
	});

	it('finds a result again in another process', async () => {
		const first = await open();
		await first.started('a', 'h', 1);
		await first.completed('a', 'h', { output: { n: 1 }, next: ['b'], attempt: 1, order: 1 });
		const found = await (await open()).find('a', 'h');
		expect(found).toEqual({
			path: 'a',
			inputHash: 'h',
			status: 'completed',
			attempt: 1,
			result: { output: { n: 1 }, next: ['b'], attempt: 1, order: 1 },
		});
	});

	it('tells the same path with another input apart', async () => {
		const ledger = await open();
		await ledger.completed('a', 'h1', { output: 1, attempt: 1, order: 1 });
		expect(ledger.find('a', 'h2')).toBeUndefined();
		await ledger.completed('a', 'h2', { output: 2, attempt: 1, order: 2 });
		expect(await (await open()).find('a', 'h1')).toMatchObject({ result: { output: 1 } });
	});

	it('keeps a result whatever is recorded after it', async () => {
		const ledger = await open();
		await ledger.completed('a', 'h', { output: 1, attempt: 1, order: 1 });
		await ledger.started('a', 'h', 2);
		await ledger.failed('a', 'h', 2, failure);
		expect(await ledger.find('a', 'h')).toMatchObject({ status: 'completed' });
		expect(await statuses()).toEqual(['a completed']);
	});

	it('remembers the last failure and the attempts it took', async () => {
		await (await open()).failed('a', 'h', 3, failure);
		expect(await (await open()).find('a', 'h')).toEqual({
			path: 'a',
			inputHash: 'h',
			status: 'failed',
			attempt: 3,
			error: failure,
		});
	});

	it('records a start while the step runs, so that a dead attempt is counted', async () => {
		const ledger = await open();
		await ledger.started('slow', 'h', 2);
		expect(await statuses()).toEqual([]);
		await runtime.advance(0);
		expect(await statuses()).toEqual(['slow started']);
	});

	it('writes one record for a step that ends at once', async () => {
		const ledger = await open();
		await ledger.started('a', 'h', 1);
		await ledger.completed('a', 'h', { output: 1, attempt: 1, order: 1 });
		await runtime.advance(0);
		expect(await store.read('r')).toHaveLength(1);
	});

	it('records a start before the step when asked to write ahead', async () => {
		await (await open({ writeAhead: true })).started('pay', 'h', 1);
		expect(await statuses()).toEqual(['pay started']);
	});

	it('keeps large outputs once beside the log', async () => {
		const ledger = await open({ inlineLimit: 100 });
		const output = 'x'.repeat(1000);
		await ledger.completed('a', 'h', { output, attempt: 1, order: 1 });
		await ledger.completed('b', 'h', { output, attempt: 1, order: 2 });
		const rows = await store.read('r');
		expect(Math.max(...rows.map(({ body }) => body.length))).toBeLessThan(400);
		expect((await store.list('blobs')).total).toBe(1);
		expect(await (await open()).find('b', 'h')).toMatchObject({ result: { output } });
	});

	it('holds results back until the end with durability "exit"', async () => {
		const ledger = await open({ durability: 'exit' });
		ledger.completed('a', 'h', { output: 1, attempt: 1, order: 1 });
		expect(await statuses()).toEqual([]);
		await ledger.flush();
		expect(await statuses()).toEqual(['a completed']);
	});

	it('goes on without waiting with durability "grouped", and flush tells of a lost write', async () => {
		const full: Store = Object.assign(memoryStore(runtime), {
			append: async () => await Promise.reject(new Error('disk full')),
		});
		const ledger = await open({ durability: 'grouped', store: full });
		expect(ledger.completed('a', 'h', { output: 1, attempt: 1, order: 1 })).toBeUndefined();
		await expect(ledger.flush()).rejects.toThrow('disk full');
		await expect(ledger.flush()).resolves.toBeUndefined();
	});

	it('sees what another process recorded after a refresh', async () => {
		const first = await open();
		await (await open()).completed('a', 'h', { output: 1, attempt: 1, order: 1 });
		expect(first.find('a', 'h')).toBeUndefined();
		await first.refresh();
		expect(await first.find('a', 'h')).toMatchObject({ status: 'completed' });
	});

	it('reads on refresh what others wrote, not what it wrote itself', async () => {
		const first = await open();
		await first.completed('a', 'h', { output: 1, attempt: 1, order: 1 });
		await (await open()).completed('b', 'h', { output: 2, attempt: 1, order: 2 });
		await first.completed('c', 'h', { output: 3, attempt: 1, order: 3 });
		const read = jest.spyOn(store, 'read');
		await first.refresh();
		expect(read).toHaveBeenLastCalledWith('r', { after: 1 });
		expect(first.entries()).toHaveLength(3);
	});

	it('reports a damaged record and keeps every other one', async () => {
		const ledger = await open();
		for (const path of ['a', 'b', 'c']) {
			await ledger.completed(path, 'h', { output: path, attempt: 1, order: 1 });
		}
		const rows = await store.read('r');
		await store.cut('r', { from: 2 });
		const torn = rows[1]!.body.slice(0, -3);
		await store.append([torn, rows[2]!.body].map((body) => ({ runId: 'r', body })));
		const recovered = await open();
		const found = ['a', 'b', 'c'].map((path) => recovered.find(path, 'h'));
		expect(found).toMatchObject([{ path: 'a' }, undefined, { path: 'c' }]);
		expect(recovered.corrupt).toEqual([{ seq: 2, reason: expect.stringContaining('checksum') }]);
	});
});
