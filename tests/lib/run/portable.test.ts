import {
	Checkpoints,
	compareStates,
	describeDifferences,
	exportRun,
	forkRun,
	importRun,
	memoryStore,
	openLedger,
	Receipts,
	reportPart,
	type Store,
} from '../../../lib';
import { ManualRuntime } from '../store/manualRuntime';

const runtime = new ManualRuntime();

/** A run of three steps, one of them large, with a checkpoint in two versions and a receipt. */
async function filled(): Promise<Store> {
	const store = memoryStore(runtime);
	const ledger = await openLedger({ store, runtime, runId: 'r', inlineLimit: 50 });
	for (const [index, path] of ['fetch/0', 'ask/0', 'ask/1'].entries()) {
		const output = path === 'ask/0' ? 'x'.repeat(100) : path;
		await ledger.completed(path, 'h', { output, attempt: 1, order: index + 1 });
	}
	const checkpoints = new Checkpoints({ store, runtime });
	await checkpoints.save('r', 'main', { n: 1 });
	await checkpoints.save('r', 'main', { n: 2 });
	await new Receipts({ store, runtime, owner: 'o' }).claim('r', 'pay');
	await reportPart(store, 'r', 'Node', { status: 'completed' }, 1);
	return store;
}

const outputs = async (store: Store, runId: string) => {
	const ledger = await openLedger({ store, runtime, runId });
	const found: Record<string, unknown> = {};
	for (const { record } of ledger.entries()) {
		found[record.path] = (await ledger.find(record.path, record.inputHash))?.result?.output;
	}
	return found;
};

describe('export and import', () => {
	it('carry a run whole into another store', async () => {
		const from = await filled();
		const text = JSON.stringify(await exportRun(from, 'r', 5));
		const to = memoryStore(runtime);
		expect(await importRun(to, JSON.parse(text))).toBe('r');
		expect(await outputs(to, 'r')).toEqual(await outputs(from, 'r'));
		expect(await new Checkpoints({ store: to, runtime }).load('r', 'main', 1)).toMatchObject({
			state: { n: 1 },
		});
		expect(await new Receipts({ store: to, runtime, owner: 'p' }).claim('r', 'pay')).toMatchObject({
			outcome: 'unknown',
		});
	});

	it('write nothing when the file was changed', async () => {
		const exported = await exportRun(await filled(), 'r', 5);
		const to = memoryStore(runtime);
		const changed = { ...exported, logs: { r: [] } };
		await expect(importRun(to, changed)).rejects.toMatchObject({ code: 'EXPORT_CORRUPT' });
		await expect(importRun(to, { format: 'other' })).rejects.toMatchObject({ code: 'VALIDATION' });
		expect(await to.measureRun('r')).toEqual({ records: 0, documents: 0, bytes: 0 });
	});

	it('refuse a run that is there already, or replace it', async () => {
		const store = await filled();
		const exported = await exportRun(store, 'r', 5);
		await new Checkpoints({ store, runtime }).save('r', 'main', { n: 3 });
		await expect(importRun(store, exported)).rejects.toMatchObject({ code: 'RUN_EXISTS' });
		await importRun(store, exported, 'replace');
		expect(await new Checkpoints({ store, runtime }).load('r', 'main')).toMatchObject({
			state: { n: 2 },
			version: 2,
		});
	});

	it('say that there is no such run', async () => {
		const exporting = exportRun(memoryStore(runtime), 'none', 5);
		await expect(exporting).rejects.toMatchObject({ code: 'RUN_MISSING' });
	});
});

describe('fork', () => {
	it('starts over from a step and keeps what was done before it', async () => {
		const store = await filled();
		const forked = await forkRun({ store, runtime, from: 'r', to: 's', fromStep: 'ask/1' });
		expect(forked).toEqual({ runKey: 's', forkedFrom: 'r', steps: 2, checkpoints: 1 });
		expect(await outputs(store, 's')).toEqual({ 'fetch/0': 'fetch/0', 'ask/0': 'x'.repeat(100) });
		expect(Object.keys(await outputs(store, 'r'))).toHaveLength(3);
	});

	it('takes a node for all of its steps', async () => {
		const store = await filled();
		await forkRun({ store, runtime, from: 'r', to: 's', fromStep: 'ask' });
		expect(Object.keys(await outputs(store, 's'))).toEqual(['fetch/0']);
	});

	it('puts other states in the place of checkpoints, and leaves receipts behind', async () => {
		const store = await filled();
		await forkRun({ store, runtime, from: 'r', to: 's', patch: { main: { n: 9 } } });
		expect(await new Checkpoints({ store, runtime }).load('s', 'main')).toMatchObject({
			state: { n: 9 },
		});
		expect(await new Receipts({ store, runtime, owner: 'p' }).claim('s', 'pay')).toMatchObject({
			outcome: 'do',
		});
	});

	it('refuses a step that was never done, naming those that were, and a key in use', async () => {
		const store = await filled();
		const bad = forkRun({ store, runtime, from: 'r', to: 's', fromStep: 'nothing' });
		await expect(bad).rejects.toMatchObject({
			code: 'STEP_MISSING',
			hint: expect.stringMatching(/fetch.0, ask.0/),
		});
		const same = forkRun({ store, runtime, from: 'r', to: 'r' });
		await expect(same).rejects.toMatchObject({ code: 'RUN_EXISTS' });
	});
});

describe('comparing states', () => {
	it('tells what was added, removed and changed', () => {
		const differences = compareStates(
			{ price: 3, old: true, items: [{ n: 1 }, { n: 2 }] },
			{ price: 4, note: 'late', items: [{ n: 1 }] },
		);
		expect(describeDifferences(differences)).toBe(
			'~ price: 3 → 4\n- old: true\n- items[1]: {"n":2}\n+ note: "late"',
		);
	});

	it('says when there is none, and when all is different', () => {
		expect(describeDifferences(compareStates({ a: [1] }, { a: [1] }))).toBe('No differences');
		expect(describeDifferences(compareStates(1, [1]))).toBe('~ (all): 1 → [1]');
	});
});
