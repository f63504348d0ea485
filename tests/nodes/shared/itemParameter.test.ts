import fc from 'fast-check';
import type { IDataObject, IExecuteFunctions, INodeType } from 'n8n-workflow';

import { itemParameter } from '../../../nodes/shared/itemParameter';
import { chain, node, runWorkflow, start } from '../../harness';

/** A node whose fields all items are asked for, n8n's way and ours; says how often n8n was asked. */
function comparing(names: readonly string[]): INodeType {
	return {
		description: {
			displayName: 'Compare',
			name: 'compare',
			group: ['transform'],
			version: 1,
			description: 'Compares',
			defaults: { name: 'Compare' },
			inputs: ['main'],
			outputs: ['main'],
			properties: names.map((name) => ({
				displayName: name,
				name,
				type: 'string',
				default: '',
			})),
		},
		async execute(this: IExecuteFunctions) {
			const { parameters } = this.getNode();
			let asked = 0;
			const counting = {
				getInputData: () => this.getInputData(),
				getNodeParameter: (name: string, itemIndex: number, fallback: unknown) => {
					asked++;
					return this.getNodeParameter(name, itemIndex, fallback) as unknown;
				},
			} as unknown as IExecuteFunctions;
			const readers = names.map((name) => itemParameter(counting, name, parameters[name]));
			const rows = this.getInputData().map((_item, index) => {
				const ours = readers.map((read) => read(index));
				const theirs = names.map((name) => this.getNodeParameter(name, index, null) as unknown);
				return { json: { ours, theirs, asked } as IDataObject, pairedItem: { item: index } };
			});
			return [rows];
		},
	};
}

/** @returns for each item: what we read, what n8n reads, and how often we have asked n8n by then */
async function compare(parameters: Record<string, unknown>, items: IDataObject[]) {
	const run = await runWorkflow({
		nodes: [start(), node('Compare', comparing(Object.keys(parameters)), parameters as never)],
		connections: chain('Start', 'Compare'),
		input: items.map((json) => ({ json })),
	});
	return run.json('Compare') as Array<{ ours: unknown[]; theirs: unknown[]; asked: number }>;
}

describe('itemParameter', () => {
	const tickets = ['one', 'two', 'three'].map((text) => ({ text, by: { 'full name': 'Ann' } }));

	it.each([
		['a field', '={{ $json.text }}'],
		['text with fields', '=Ticket of {{$json.by["full name"]}}:\n{{ $json.text }}'],
		['fields inside collections', { deep: [{ a: '={{ $json.text }}' }], b: 1, c: null }],
	])('asks n8n only once for %s', async (_what, parameter) => {
		const rows = await compare({ parameter }, tickets);

		expect(rows.map(({ ours }) => ours)).toEqual(rows.map(({ theirs }) => theirs));
		expect(rows.map(({ asked }) => asked)).toEqual([1, 1, 1]);
	});

	it.each([
		['a calculation', '={{ $json.text.length }}'],
		['another node', "={{ $('Start').item.json.text }}"],
		['a field of a list', '={{ $json.list[0] }}'],
		['an object', '={{ $json.by }}'],
		['a field that is missing', '={{ $json.none }}'],
		['a field below one that is text', '={{ $json.text.none }}'],
		['braces in braces', '={{ {a: $json.text} }} {{ $json.text }}'],
		['a backslash', '=a\\{{ $json.text }}'],
		['an expression in a list', ['={{ $json.text + 1 }}', 'constant']],
	])('asks n8n for every item about %s', async (_what, parameter) => {
		const rows = await compare(
			{ parameter },
			tickets.map((ticket) => ({ ...ticket, list: ['a'] })),
		);

		expect(rows.map(({ ours }) => ours)).toEqual(rows.map(({ theirs }) => theirs));
		expect(rows.map(({ asked }) => asked)).toEqual([1, 2, 3]);
	});

	it('goes on asking where the data of the item is something else to n8n', () => {
		const asked: number[] = [];
		const tool = {
			getInputData: () => [{ json: { text: 'the query' } }, { json: { text: 'another' } }],
			getNodeParameter: (_name: string, itemIndex: number) => {
				asked.push(itemIndex);
				return 'the text of the agent';
			},
		} as unknown as IExecuteFunctions;
		const read = itemParameter(tool, 'text', '={{ $json.text }}');

		expect([read(0), read(1), read(1)]).toEqual(Array(3).fill('the text of the agent'));
		expect(asked).toEqual([0, 1, 1]);
	});

	it('asks n8n where there are no items', () => {
		const context = { getNodeParameter: () => 'x' } as unknown as IExecuteFunctions;

		expect(itemParameter(context, 'text', '={{ $json.text }}')(0)).toBe('x');
	});

	it('gives what n8n gives, whatever the text around fields and the data in them', async () => {
		const name = fc.constantFrom('a', 'b', 'name', 'length', '_x9');
		const reference = fc
			.tuple(name, fc.constantFrom('.', '["', "['"), fc.constantFrom('', ' ', '\n'))
			.map(([field, how, space]) => {
				const close = { '.': '', '["': '"]', "['": "']" }[how];
				return `{{${space}$json${how}${field}${close}${space}}}`;
			});
		const text = fc.string({ unit: 'grapheme', maxLength: 6 });
		const template = fc
			.array(fc.oneof(reference, text, fc.constantFrom('$', '{', '}', '"', '`', '=', "'", '\n')), {
				maxLength: 5,
			})
			.map((parts) => `=${parts.join('')}`);
		const value = fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
		const item = fc.record({ a: value, b: value, name: value, length: value, _x9: value });
		await fc.assert(
			fc.asyncProperty(
				fc.array(template, { minLength: 20, maxLength: 20 }),
				fc.array(item, { minLength: 2, maxLength: 3 }),
				async (templates, items) => {
					const parameters = Object.fromEntries(templates.map((one, index) => [`p${index}`, one]));
					const rows = await compare(parameters, items as IDataObject[]);
					expect(rows.map(({ ours }) => ours)).toEqual(rows.map(({ theirs }) => theirs));
				},
			),
			{ numRuns: 50 },
		);
	});
});
