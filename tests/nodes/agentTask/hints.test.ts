import type { IExecuteFunctions, INodeParameters, INodeType } from 'n8n-workflow';

import { hints } from '../../../nodes/AgentTask/hints';
import { properties } from '../../../nodes/AgentTask/properties';
import { chain, node, runWorkflow, start } from '../../harness';

/** A node with the fields of Agent Task that evaluates the conditions of its hints. */
const telling: INodeType = {
	description: {
		displayName: 'Tell',
		name: 'tell',
		group: ['transform'],
		version: 1,
		description: 'Tells',
		defaults: { name: 'Tell' },
		inputs: ['main'],
		outputs: ['main'],
		properties,
	},
	async execute(this: IExecuteFunctions) {
		const shown = (hints ?? []).map(
			({ displayCondition = '' }) => this.evaluateExpression(displayCondition.slice(1), 0) === true,
		);
		return [[{ json: { shown } }]];
	},
};

/** Which hints a node with these parameters shows. */
async function shownFor(parameters: INodeParameters): Promise<unknown> {
	const run = await runWorkflow({
		nodes: [start(), node('Tell', telling, parameters)],
		connections: chain('Start', 'Tell'),
		input: [{ json: { text: 'a {{ b }}' } }],
	});
	return run.json('Tell')[0]?.shown;
}

describe('what the panel of Agent Task warns of', () => {
	it.each([
		['braces in a task that is fixed text', { task: 'Classify {{ $json.text }}' }, [true, false]],
		[
			'braces in fixed instructions',
			{ task: 'x', instructions: '{{ $json.text }}' },
			[true, false],
		],
		['a budget without a limit', { task: 'x', options: { budget: {} } }, [false, true]],
	])('%s', async (_what, parameters, shown) => {
		expect(await shownFor(parameters)).toEqual(shown);
	});

	it('nothing where all is well', async () => {
		const limits = [{ unit: 'costUsd', hard: 1 }];
		const parameters = { task: '={{ $json.text }}', options: { budget: { limits } } };
		expect(await shownFor(parameters)).toEqual([false, false]);
		expect(await shownFor({ task: 'Say {hello}.' })).toEqual([false, false]);
	});
});
