import { Checkpoints, memoryStore, type Store } from '../../../lib';
import { ManualRuntime } from '../store/manualRuntime';

describe('checkpoints', () => {
	const runtime = new ManualRuntime();
	let store: Store;
	let checkpoints: Checkpoints;

	beforeEach(() => {
		store = memoryStore(runtime);
		checkpoints = new Checkpoints({ store, runtime });
	});

	it('loads what was saved, and numbers the versions', async () => {
		await checkpoints.save('r', 'main', { n: 1 });
		const info = await checkpoints.save('r', 'main', { n: 2 });
		expect(info).toMatchObject({ runKey: 'r', name: 'main', version: 2, bytes: 7 });
		expect(await checkpoints.load('r', 'main')).toMatchObject({ state: { n: 2 }, version: 2 });
		expect(await checkpoints.load('r', 'main', 1)).toMatchObject({ state: { n: 1 }, version: 1 });
	});

	it('finds nothing under another name, run or version', async () => {
		await checkpoints.save('r', 'main', 1);
		expect(await checkpoints.load('r', 'other')).toBeUndefined();
		expect(await checkpoints.load('other', 'main')).toBeUndefined();
		expect(await checkpoints.load('r', 'main', 2)).toBeUndefined();
		expect(await checkpoints.find('r', 'other')).toBeUndefined();
	});

	it.each([null, 0, '', [], {}, 'text', [1, { a: null }]])('keeps %j as it is', async (state) => {
		await checkpoints.save('r', 'main', 'before');
		await checkpoints.save('r', 'main', state);
		expect((await checkpoints.load('r', 'main'))?.state).toEqual(state);
	});

	it('lists the checkpoints of a run, last saved first', async () => {
		for (const name of ['a', 'b', 'a']) {
			await runtime.advance(1);
			await checkpoints.save('r', name, name);
		}
		await checkpoints.save('other', 'c', 1);
		const { checkpoints: list, total } = await checkpoints.list({ runId: 'r' });
		expect(list.map(({ name, version }) => `${name}${version}`)).toEqual(['a2', 'b1']);
		expect(total).toBe(2);
	});

	it('removes a checkpoint with its versions', async () => {
		await checkpoints.save('r', 'main', 1);
		expect(await checkpoints.remove('r', 'main')).toBe(true);
		expect(await checkpoints.remove('r', 'main')).toBe(false);
		expect(await checkpoints.load('r', 'main')).toBeUndefined();
		expect((await checkpoints.save('r', 'main', 2)).version).toBe(1);
	});

	it('gives every save of many at the same moment its own version; the last one wins', async () => {
		await checkpoints.save('r', 'main', { rows: ['x'.repeat(1000)], n: -1 });
		const saves = Array.from({ length: 6 }, async (_, n) => ({
			n,
			...(await checkpoints.save('r', 'main', { rows: ['x'.repeat(1000)], n })),
		}));
		const saved = (await Promise.all(saves)).sort((a, b) => a.version - b.version);
		expect(new Set(saved.map(({ version }) => version)).size).toBe(6);
		const { n, version } = saved.at(-1)!;
		const loaded = await checkpoints.load('r', 'main');
		expect(loaded).toMatchObject({ version, state: { n }, corrupt: [] });
	});

	it('says that a checkpoint is damaged instead of giving a guess', async () => {
		await checkpoints.save('r', 'main', { n: 1 });
		const logId = (await store.list('checkpoints')).documents[0]!.id;
		await store.cut(logId, { from: 1 });
		await store.append([{ runId: logId, body: '1 00000000 {"kind":"full"}\n{"n":1}' }]);
		await expect(checkpoints.load('r', 'main')).rejects.toMatchObject({
			code: 'CHECKPOINT_CORRUPT',
		});
		await checkpoints.save('r', 'main', { n: 2 });
		expect((await checkpoints.load('r', 'main'))?.state).toEqual({ n: 2 });
	});
});
