import { memoryStore, StateLog, type Change, type Json, type Store } from '../../../lib';
import { TestClock } from '../store/contract';
import { ManualRuntime } from '../store/manualRuntime';

describe('state log', () => {
	const runtime = new ManualRuntime();
	let store: Store;

	beforeEach(() => {
		store = memoryStore(new TestClock());
	});

	const open = async (upTo?: number, keep?: number) =>
		await StateLog.open({ store, runtime, logId: 'log', ...(keep ? { keep } : {}) }, upTo);
	const add = (text: string): Change[] => [{ op: 'append', path: ['rows'], values: [text] }];
	const written = async () =>
		(await store.read('log')).reduce((sum, { body }) => sum + body.length, 0);

	/** A log of versions `{rows: []}`, `{rows: ['1']}`, `{rows: ['1', '2']}`, … */
	async function grown(versions: number, keep = 1000): Promise<StateLog> {
		const log = await open(undefined, keep);
		await log.replace({ rows: [] });
		for (let n = 1; n < versions; n++) await log.change(add(`${n}`));
		return log;
	}

	it('has no state before the first save', async () => {
		expect(await open()).toMatchObject({ state: undefined, version: 0, versions: [], corrupt: [] });
	});

	it('gives back the latest state, in another process', async () => {
		await grown(4);
		expect(await open()).toMatchObject({ state: { rows: ['1', '2', '3'] }, version: 4 });
	});

	it('gives back any earlier version', async () => {
		await grown(12);
		for (let version = 1; version <= 12; version++) {
			const rows = Array.from({ length: version - 1 }, (_, n) => `${n + 1}`);
			expect(await open(version)).toMatchObject({ state: { rows }, version });
		}
	});

	it('writes at most three times what was added, to any length', async () => {
		const log = await open(undefined, 100_000);
		await log.replace({ rows: [] });
		const kilobyte = 'x'.repeat(1000);
		for (const steps of [100, 900, 2000]) {
			for (let n = 0; n < steps; n++) await log.change(add(kilobyte));
			expect(await written()).toBeLessThan(3 * log.version * 1024);
		}
	});

	it('forgets old versions but never one of those to keep', async () => {
		await grown(200, 5);
		const log = await open();
		expect(log.versions.length).toBeLessThan(200);
		expect(log.versions.at(-1)?.version).toBe(200);
		for (const version of [196, 197, 198, 199, 200]) {
			expect((await open(version)).state).toEqual({
				rows: Array.from({ length: version - 1 }, (_, n) => `${n + 1}`),
			});
		}
	});

	it('refuses a change that does not fit and saves nothing', async () => {
		const log = await grown(2);
		const bad: Change[] = [{ op: 'append', path: ['none'], values: [1] }];
		await expect(log.change(bad)).rejects.toMatchObject({ code: 'DELTA_MISMATCH' });
		expect((await open()).version).toBe(2);
	});

	describe('with damaged records', () => {
		const damage = async (index: number, change: (body: string) => string): Promise<void> => {
			const rows = await store.read('log');
			await store.cut('log', { from: 1 });
			const bodies = rows.map(({ body }, at) => (at === index ? change(body) : body));
			await store.append(bodies.map((body) => ({ runId: 'log', body })));
		};
		/** A log whose versions after the first are all deltas. */
		async function padded(versions: number): Promise<StateLog> {
			const log = await open();
			await log.replace({ rows: [], pad: 'x'.repeat(1000) });
			for (let n = 1; n < versions; n++) await log.change(add(`${n}`));
			return log;
		}
		const tear = (body: string) => body.slice(0, -2);

		it('uses the last version before a torn one, and says so', async () => {
			await grown(4);
			await damage(3, tear);
			expect(await open()).toMatchObject({
				state: { rows: ['1', '2'] },
				version: 3,
				corrupt: [{ seq: 4 }],
			});
		});

		it('goes on after the last good version', async () => {
			await padded(4);
			await damage(2, tear);
			const log = await open();
			await log.change(add('new'));
			expect(log.corrupt).toEqual([]);
			expect(await open()).toMatchObject({ version: 3, corrupt: [] });
			expect((await open()).state).toMatchObject({ rows: ['1', 'new'] });
		});

		it('never applies a delta to a state that is not the one before it', async () => {
			const log = await padded(3);
			await log.replace({ rows: ['whole'] });
			await log.change(add('after'));
			await damage(1, tear);
			expect(await open()).toMatchObject({ state: { rows: ['whole', 'after'] }, corrupt: [] });
			const earlier = await open(3);
			expect(earlier.corrupt.map(({ seq }) => seq)).toEqual([2, 3]);
			expect(earlier.version).toBe(1);
		});

		it('gives, after any single damage, a state that was once saved', async () => {
			const states = Array.from({ length: 9 }, (_, version) =>
				JSON.stringify({ rows: Array.from({ length: version }, (__, n) => `${n + 1}`) }),
			);
			for (let index = 0; index < 9; index++) {
				store = memoryStore(new TestClock());
				await grown(9);
				await damage(index, (body) => body.replace(/.$/, '#'));
				const { state, corrupt, version } = await open();
				expect(corrupt.length > 0 || version === 9).toBe(true);
				if (state !== undefined) expect(states).toContain(JSON.stringify(state as Json));
			}
		});
	});
});
