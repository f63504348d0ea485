import type { INode, INodeParameters, INodeProperties } from 'n8n-workflow';
import { z } from 'zod';

import { parameterReader } from '../../../nodes/shared/parameters';
import type { ParameterContext } from '../../../nodes/shared/parameters';

const properties: INodeProperties[] = [
	{ displayName: 'Task', name: 'task', type: 'string', default: '' },
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		default: {},
		options: [{ displayName: 'Max Attempts', name: 'maxAttempts', type: 'number', default: 3 }],
	},
];

const schema = z.object({
	task: z.string().min(1, 'must not be empty'),
	options: z.object({ maxAttempts: z.number().min(1, 'must be 1 or more').default(3) }).default({}),
});

/** A node whose expressions all give the index of the item; counts what is read. */
function contextOf(parameters: INodeParameters) {
	const reads: string[] = [];
	const context = {
		getNode: () => ({ parameters }) as INode,
		getNodeParameter: (name: string, itemIndex: number, fallback: unknown) => {
			reads.push(`${name}@${itemIndex}`);
			const raw = parameters[name];
			if (typeof raw === 'string' && raw.startsWith('=')) return `item ${itemIndex}`;
			return raw ?? fallback;
		},
	} as unknown as ParameterContext;
	return { context, reads };
}

describe('parameterReader', () => {
	it('reads constants once for all items', () => {
		const { context, reads } = contextOf({ task: 'fixed', options: { maxAttempts: 2 } });
		const read = parameterReader(context, schema, properties);

		expect(read(5)).toEqual({ task: 'fixed', options: { maxAttempts: 2 } });
		expect(read(6)).toBe(read(5));
		expect(reads).toEqual(['task@0', 'options@0']);
	});

	it('reads an expression for each item, and nothing else again', () => {
		const { context, reads } = contextOf({ task: '={{ $json.x }}', options: {} });
		const read = parameterReader(context, schema, properties);

		expect([read(0).task, read(1).task]).toEqual(['item 0', 'item 1']);
		expect(reads).toEqual(['options@0', 'task@0', 'task@1']);
	});

	it('finds expressions at any depth', () => {
		const { context, reads } = contextOf({ task: 'x', options: { deep: [{ a: '=1' }] } });
		const read = parameterReader(context, schema, properties);
		read(0);
		read(1);

		expect(reads).toEqual(['task@0', 'options@0', 'options@1']);
	});

	it('fills in defaults for fields that are hidden or give nothing', () => {
		const { context } = contextOf({ task: 'x' });
		expect(parameterReader(context, schema, properties)(0)).toEqual({
			task: 'x',
			options: { maxAttempts: 3 },
		});
	});

	it('names what is wrong with constants and with an item in one message', () => {
		const { context } = contextOf({ task: '=1', options: { maxAttempts: 0 } });
		const read = parameterReader(context, schema.extend({ task: z.literal('x') }), properties);

		expect(() => read(3)).toThrow(/Task: .*item 3.*Max Attempts: must be 1 or more, received 0/);
	});

	it('keeps rules across fields', () => {
		const { context } = contextOf({ task: '=1', options: { maxAttempts: 2 } });
		const ruled = schema.refine(({ task, options }) => task.endsWith(`${options.maxAttempts}`), {
			message: 'must end with the attempts',
		});
		const read = parameterReader(context, ruled, properties);

		expect(read(2)).toEqual({ task: 'item 2', options: { maxAttempts: 2 } });
		expect(() => read(3)).toThrow(/must end with the attempts/);
	});

	it('names the fields as users see them, with what was received', () => {
		const { context } = contextOf({ task: '', options: { maxAttempts: 0 } });
		const read = parameterReader(context, schema, properties);

		expect(() => read(0)).toThrow(
			'Task: must not be empty, received ""; Max Attempts: must be 1 or more, received 0.',
		);
	});
});
