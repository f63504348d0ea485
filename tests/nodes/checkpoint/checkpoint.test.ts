import { randomUUID } from 'node:crypto';

import type { INodeParameters } from 'n8n-workflow';

import { Checkpoint } from '../../../nodes/Checkpoint/Checkpoint.node';
import { closeStores } from '../../../nodes/shared/store';
import { chain, node, runWorkflow, start } from '../../harness';
import type { Execution, NodeSettings } from '../../harness';

afterAll(closeStores);

const items = (...jsons: object[]) => jsons.map((json) => ({ json: { ...json } }));

describe('Checkpoint node', () => {
	let runKey: string;

	beforeEach(() => {
		runKey = randomUUID();
	});

	const run = async (
		parameters: INodeParameters,
		input: object[] = [{}],
		settings: NodeSettings = {},
	): Promise<Execution> =>
		await runWorkflow({
			nodes: [start(), node('Checkpoint', new Checkpoint(), { runKey, ...parameters }, settings)],
			connections: chain('Start', 'Checkpoint'),
			input: items(...input),
		});

	describe('Save and Load', () => {
		it('give an item back in another execution', async () => {
			const saved = await run({ operation: 'save' }, [{ answer: 42 }]);
			expect(saved.json('Checkpoint')).toEqual([
				{
					answer: 42,
					checkpoint: {
						runKey,
						name: 'main',
						version: 1,
						bytes: 13,
						savedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
					},
				},
			]);
			const loaded = await run({ operation: 'load' });
			expect(loaded.json('Checkpoint')).toEqual([
				{ answer: 42, checkpoint: expect.objectContaining({ version: 1, name: 'main' }) },
			]);
		});

		it('keep other data than the item, written as JSON', async () => {
			await run({ operation: 'save', data: '[1, 2]' });
			expect((await run({ operation: 'load' })).json('Checkpoint')).toMatchObject([
				{ data: [1, 2] },
			]);
		});

		it('keep versions', async () => {
			await run({ operation: 'save', data: '={{ $json }}' }, [{ n: 1 }, { n: 2 }, { n: 3 }]);
			expect((await run({ operation: 'load' })).json('Checkpoint')).toMatchObject([{ n: 3 }]);
			const second = await run({ operation: 'load', options: { version: 2 } });
			expect(second.json('Checkpoint')).toMatchObject([{ n: 2, checkpoint: { version: 2 } }]);
		});

		it('say what is missing, and what to do', async () => {
			const { error } = await run({ operation: 'load', checkpointName: 'nothing' });
			expect(error?.message).toBe(`Run "${runKey}" has no checkpoint "nothing".`);
			expect(error?.description).toMatch(/If Missing/);
		});

		it('can go on without, or with default data', async () => {
			const skip = await run({ operation: 'load', options: { ifMissing: 'skip' } });
			expect(skip.json('Checkpoint')).toEqual([]);
			const options = { ifMissing: 'default', defaultData: '{"page": 0}' };
			const fallback = await run({ operation: 'load', options });
			expect(fallback.json('Checkpoint')).toMatchObject([{ page: 0, checkpoint: { version: 0 } }]);
		});

		it('send a missing checkpoint to the error output and the others on', async () => {
			await run({ operation: 'save', checkpointName: 'a' }, [{ found: true }]);
			const loaded = await run(
				{ operation: 'load', checkpointName: '={{ $json.name }}' },
				[{ name: 'a' }, { name: 'b' }],
				{ onError: 'continueErrorOutput' },
			);
			expect(loaded.json('Checkpoint', 0)).toMatchObject([{ found: true }]);
			expect(loaded.json('Checkpoint', 1)).toMatchObject([
				{ details: { code: 'CHECKPOINT_MISSING' } },
			]);
		});

		it('refuse data that is no JSON, by the name of the field', async () => {
			const { error } = await run({ operation: 'save', data: '{oops' });
			expect(error?.message).toMatch(/^Data: must be JSON, received "{oops"/);
		});
	});

	describe('Skip If Done', () => {
		const byId = { checkpointName: '={{ "item-" + $json.id }}' };

		it('sends items to Done that were saved before, with what was saved', async () => {
			await run({ operation: 'save', ...byId }, [{ id: 2, result: 'two' }]);
			const split = await run({ operation: 'skipIfDone', ...byId }, [
				{ id: 1 },
				{ id: 2 },
				{ id: 3 },
			]);
			expect(split.json('Checkpoint', 0)).toEqual([{ id: 1 }, { id: 3 }]);
			expect(split.json('Checkpoint', 1)).toMatchObject([{ id: 2, result: 'two' }]);
			expect(split.items('Checkpoint', 1)[0]?.pairedItem).toEqual({ item: 1 });
		});

		it('sends every item to New when If Already Done says Run Again', async () => {
			await run({ operation: 'save', ...byId }, [{ id: 2 }]);
			const again = { operation: 'skipIfDone', ifAlreadyDone: 'runAgain', ...byId };
			const split = await run(again, [{ id: 1 }, { id: 2 }]);
			expect(split.json('Checkpoint', 0)).toEqual([{ id: 1 }, { id: 2 }]);
			expect(split.json('Checkpoint', 1)).toEqual([]);
		});

		it('knows nothing of other runs', async () => {
			await run({ operation: 'save', ...byId }, [{ id: 1 }]);
			runKey = randomUUID();
			const split = await run({ operation: 'skipIfDone', ...byId }, [{ id: 1 }]);
			expect(split.json('Checkpoint', 0)).toEqual([{ id: 1 }]);
		});
	});
});
