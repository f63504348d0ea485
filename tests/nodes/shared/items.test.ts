import type { INode } from 'n8n-workflow';

import { EngineError } from '../../../lib';
import { outcomesToItems, settleItems } from '../../../nodes/shared/items';

const node = { name: 'Task', type: 'x', parameters: {} } as unknown as INode;
const context = (continues: boolean) => ({ getNode: () => node, continueOnFail: () => continues });

describe('settleItems', () => {
	it('keeps the order of the items and the results of the others when one fails', async () => {
		const outcomes = await settleItems(['a', 'b', 'c'], 2, async (item) => {
			if (item === 'b') throw new Error('no b');
			return item.toUpperCase();
		});

		expect(outcomes).toEqual([
			{ ok: true, value: 'A' },
			{ ok: false, error: new Error('no b') },
			{ ok: true, value: 'C' },
		]);
	});

	it('works on no more items at once than allowed', async () => {
		let running = 0;
		let most = 0;
		await settleItems([1, 2, 3, 4, 5], 2, async () => {
			most = Math.max(most, ++running);
			await Promise.resolve();
			running--;
		});

		expect(most).toBe(2);
	});

	it('gives nothing for no items', async () => {
		await expect(settleItems([], 3, async () => 1)).resolves.toEqual([]);
	});
});

describe('outcomesToItems', () => {
	const outcomes = [
		{ ok: true as const, value: 'A' },
		{
			ok: false as const,
			error: new EngineError('BUSY', 'Too busy.', { errorClass: 'overloaded', hint: 'Wait' }),
		},
	];

	it('pairs each item with its input, and turns failures into error items when told to go on', () => {
		const items = outcomesToItems(context(true), outcomes, (value) => [{ json: { value } }]);

		expect(items).toEqual([
			{ json: { value: 'A' }, pairedItem: { item: 0 } },
			{
				json: {
					error: 'Too busy.',
					details: { code: 'BUSY', errorClass: 'overloaded', retryable: true, hint: 'Wait' },
				},
				pairedItem: { item: 1 },
			},
		]);
	});

	it('throws the failure with its item when the node is to stop', () => {
		expect(() =>
			outcomesToItems(context(false), outcomes, (value) => [{ json: { value } }]),
		).toThrow(expect.objectContaining({ message: 'Too busy.', context: { itemIndex: 1 } }));
	});
});
