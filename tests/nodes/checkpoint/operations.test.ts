import { randomUUID } from 'node:crypto';

import type { INodeParameters } from 'n8n-workflow';

import { Checkpoint } from '../../../nodes/Checkpoint/Checkpoint.node';
import { closeStores } from '../../../nodes/shared/store';
import { chain, node, runWorkflow, start } from '../../harness';
import type { Execution } from '../../harness';

afterAll(closeStores);

let runKey: string;
beforeEach(() => {
	runKey = randomUUID();
});

const run = async (parameters: INodeParameters, input: object = {}): Promise<Execution> =>
	await runWorkflow({
		nodes: [start(), node('Checkpoint', new Checkpoint(), { runKey, ...parameters })],
		connections: chain('Start', 'Checkpoint'),
		input: [{ json: { ...input } }],
	});
const result = async (parameters: INodeParameters, input?: object) =>
	(await run(parameters, input)).json('Checkpoint');

describe('side effects', () => {
	const claim = { resource: 'sideEffect', operation: 'claim', effectName: 'charge' };
	const confirm = { resource: 'sideEffect', operation: 'confirm', effectName: 'charge' };
	const outputs = (execution: Execution) =>
		[0, 1, 2].map((output) => execution.items('Checkpoint', output).length);

	it('go to Do It once, and to Already Done with the result from then on', async () => {
		const first = await run(claim, { amount: 5 });
		expect(outputs(first)).toEqual([1, 0, 0]);
		expect(first.json('Checkpoint')).toMatchObject([{ amount: 5, receipt: { attempt: 1 } }]);
		await run(confirm, { chargeId: 'ch_1' });
		const second = await run(claim, { amount: 5 });
		expect(outputs(second)).toEqual([0, 1, 0]);
		expect(second.json('Checkpoint', 1)).toMatchObject([
			{ amount: 5, receipt: { result: { chargeId: 'ch_1' } } },
		]);
	});

	it('go to Do It again after they were done, when If Already Done says Run Again', async () => {
		await run(claim);
		await run(confirm);
		const again = { ...claim, ifAlreadyDone: 'runAgain' };
		expect(outputs(await run(again))).toEqual([1, 0, 0]);
		// Cut short this time: whether it happened is as unknown as ever.
		expect(outputs(await run(again))).toEqual([0, 0, 1]);
	});

	it('go to Unknown when they were cut short', async () => {
		await run(claim);
		expect(outputs(await run(claim))).toEqual([0, 0, 1]);
	});

	it('go to Do It again, or stop, when the outcome is unknown and so chosen', async () => {
		await run(claim);
		expect(outputs(await run({ ...claim, whenUnknown: 'retry' }))).toEqual([1, 0, 0]);
		const { error } = await run({ ...claim, whenUnknown: 'fail' });
		expect(error?.message).toMatch(/"charge" was claimed by execution \d+ at .* never confirmed/);
	});

	it('can be recorded as not having happened', async () => {
		await run(claim);
		await run({ ...confirm, happened: false });
		expect(outputs(await run(claim))).toEqual([1, 0, 0]);
	});

	it('cannot be confirmed by one whose claim was taken over', async () => {
		const [item] = await result(claim);
		await run({ ...claim, whenUnknown: 'retry' });
		const options = { token: '={{ $json.receipt.token }}' };
		const { error } = await run({ ...confirm, options }, item);
		expect(error?.message).toMatch(/was claimed again by execution/);
	});
});

describe('managing checkpoints', () => {
	const save = async (checkpointName: string, data: object) =>
		await run({ operation: 'save', checkpointName, data: JSON.stringify(data) });

	it('lists those of a run by page, last saved first', async () => {
		for (const name of ['a', 'b', 'c']) await save(name, {});
		const all = await result({ operation: 'getMany', returnAll: true });
		expect(all.map(({ name }) => name)).toEqual(['c', 'b', 'a']);
		const page = await result({ operation: 'getMany', limit: 1, options: { offset: 1 } });
		expect(page).toMatchObject([{ name: 'b', version: 1, runKey }]);
	});

	it('compares the latest version with the one before, in words and as data', async () => {
		await save('order', { price: 3, open: true });
		await save('order', { price: 4 });
		expect(await result({ operation: 'compare', checkpointName: 'order' })).toMatchObject([
			{
				summary: '~ price: 3 → 4\n- open: true',
				differences: [{ path: 'price', before: 3, after: 4 }, { path: 'open' }],
				before: { version: 1 },
				after: { version: 2 },
			},
		]);
	});

	it('compares two checkpoints', async () => {
		await save('a', { n: 1 });
		await save('b', { n: 2 });
		const options = { otherName: 'a' };
		expect(await result({ operation: 'compare', checkpointName: 'b', options })).toMatchObject([
			{ summary: '~ n: 1 → 2' },
		]);
	});

	it('deletes a checkpoint', async () => {
		await save('a', {});
		const remove = { operation: 'delete', checkpointName: 'a' };
		expect(await result(remove)).toEqual([{ deleted: true, runKey, name: 'a' }]);
		expect(await result(remove)).toEqual([{ deleted: false, runKey, name: 'a' }]);
	});
});

describe('managing runs', () => {
	const load = { operation: 'load', options: { ifMissing: 'default', defaultData: '{"n":0}' } };

	it('finds a run that something was saved for', async () => {
		await run({ operation: 'save' }, { n: 1 });
		const options = { keyPrefix: runKey };
		expect(
			await result({ resource: 'run', operation: 'getManyRuns', returnAll: true, options }),
		).toMatchObject([{ runKey, status: 'completed', nodes: { Checkpoint: {} } }]);
	});

	it('deletes a run whole', async () => {
		await run({ operation: 'save' }, { n: 1 });
		expect(await result({ resource: 'run', operation: 'deleteRun' })).toMatchObject([
			{ deleted: true, runKey },
		]);
		expect(await result(load)).toMatchObject([{ n: 0 }]);
	});

	it('carries a run over by Export and Import', async () => {
		await run({ operation: 'save' }, { n: 1 });
		const [exported] = await result({ resource: 'run', operation: 'export' });
		await run({ resource: 'run', operation: 'deleteRun' });
		const imported = await result({ resource: 'run', operation: 'import' }, exported);
		expect(imported).toEqual([{ imported: true, runKey }]);
		expect(await result(load)).toMatchObject([{ n: 1 }]);
	});

	it('refuses an export that was changed', async () => {
		await run({ operation: 'save' }, { n: 1 });
		const [exported] = await result({ resource: 'run', operation: 'export' });
		const changed = { ...exported, runKey: 'mine' };
		const { error } = await run({ resource: 'run', operation: 'import' }, changed);
		expect(error?.message).toMatch(/was changed after it was written/);
	});

	it('forks a run with another state', async () => {
		await run({ operation: 'save' }, { n: 1 });
		const newRunKey = randomUUID();
		const options = { patch: '{"main": {"n": 7}}' };
		const forked = await result({ resource: 'run', operation: 'fork', newRunKey, options });
		expect(forked).toEqual([{ runKey: newRunKey, forkedFrom: runKey, steps: 0, checkpoints: 1 }]);
		expect(await result(load)).toMatchObject([{ n: 1 }]);
		runKey = newRunKey;
		expect(await result(load)).toMatchObject([{ n: 7 }]);
	});

	it('prunes what is older than wanted', async () => {
		await run({ operation: 'save' }, { n: 1 });
		const kept = await result({ resource: 'run', operation: 'prune' });
		expect(kept).toMatchObject([{ runs: 0 }]);
		const [pruned] = await result({
			resource: 'run',
			operation: 'prune',
			options: { maxRuns: 0 },
		});
		expect(pruned?.runs).toBeGreaterThan(0);
		expect(await result(load)).toMatchObject([{ n: 0 }]);
	});
});
