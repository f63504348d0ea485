import type { INodeParameters } from 'n8n-workflow';

import { replayRecording } from '../../../lib';
import { AgentWorkflow } from '../../../nodes/AgentWorkflow/AgentWorkflow.node';
import { closeStores } from '../../../nodes/shared/store';
import { connect, node, runWorkflow, start, subNode } from '../../harness';

afterAll(closeStores);

/** A chat model that says the time and counts its calls. */
function countingModel() {
	const model = {
		model: 'fake-1',
		calls: 0,
		invoke: async () => {
			model.calls++;
			return await Promise.resolve({
				content: 'It is noon.',
				usage_metadata: { input_tokens: 10, output_tokens: 5 },
			});
		},
	};
	return model;
}

/** The one item that one Agent Workflow node gives. */
async function one(
	parameters: INodeParameters,
	input: object = {},
	model: object = countingModel(),
) {
	const result = await runWorkflow({
		nodes: [
			start(),
			node('Workflow', new AgentWorkflow(), parameters),
			subNode('Model', 'ai_languageModel', () => model),
		],
		connections: connect(['Start', 'Workflow'], {
			from: 'Model',
			to: 'Workflow',
			type: 'ai_languageModel',
		}),
		input: [{ json: { ...input } }],
	});
	expect(result.error).toBeUndefined();
	return result.json('Workflow')[0]!;
}

const definition = JSON.stringify({
	name: 'What time is it',
	steps: [
		{ id: 'ask', kind: 'agent', agent: 'clerk', task: 'What time is it?', dependencies: [] },
		{
			id: 'tell',
			kind: 'transform',
			dependencies: ['ask'],
			parameters: { value: '{{ input.who }}: {{ steps.ask.output }}' },
		},
	],
});

const startIt = (id: string, options: INodeParameters = {}, owner = '') => ({
	resource: 'execution',
	operation: 'start',
	workflowFrom: 'definition',
	definition,
	input: '={{ $json }}',
	options: { newExecutionId: id, ...options, ...(owner === '' ? {} : { owner }) },
});

const page = async (query: object, owner = '') => {
	const options = owner === '' ? {} : { owner };
	const parameters = {
		resource: 'monitor',
		operation: 'renderPage',
		query: '={{ $json }}',
		options,
	};
	return (await one(parameters, query)) as { html: string; statusCode: number; headers: object };
};

describe('Agent Workflow, resource Monitor', () => {
	it('renders the list of runs and the page of one', async () => {
		await one(startIt('seen-1'), { who: 'Clock' });
		const list = await page({});
		expect(list).toMatchObject({ statusCode: 200, headers: { 'Cache-Control': 'no-store' } });
		expect(list.html).toContain('<a href="?run=seen-1">What time is it</a>');
		const run = await page({ run: 'seen-1' });
		expect(run.html).toContain('data-key="tell"');
		expect(run.html).toContain('2 of 2');
		expect((await page({ run: 'nobody' })).statusCode).toBe(404);
	});

	it('shows an owner only what is its own', async () => {
		await one(startIt('owned-1', {}, 'key-a'), { who: 'Clock' });
		expect((await page({}, 'key-a')).html).toContain('owned-1');
		expect((await page({}, 'key-b')).html).not.toContain('owned-1');
		expect((await page({ run: 'owned-1' }, 'key-b')).statusCode).toBe(404);
	});

	it('gives metrics of the process and of the store', async () => {
		await one(startIt('counted-1'), { who: 'Clock' });
		const { metrics, contentType } = await one({ resource: 'monitor', operation: 'getMetrics' });
		expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
		expect(metrics).toMatch(/agent_swarm_stored_runs\{of="workflows",status="completed"\} [1-9]/);
		expect(metrics).toMatch(/agent_swarm_steps_total\{.*step="tell".*\} [1-9]/);
		expect(metrics).toContain('agent_swarm_pool_total{pool="n8n",resource="cpu"} 4');
		expect(metrics).toContain('agent_swarm_pool_used{pool="n8n",resource="cpu"} 0');
		expect(metrics).toContain('agent_swarm_pool_steps{pool="n8n",state="waiting"} 0');
	});

	it('exports a recording that replays without the model', async () => {
		const model = countingModel();
		await one(startIt('rec-1', { record: true }), { who: 'Clock' }, model);
		const recording = await one({
			resource: 'monitor',
			operation: 'exportRecording',
			executionId: 'rec-1',
		});
		expect(recording).toMatchObject({ outcome: { output: 'Clock: It is noon.' } });
		const calls = model.calls;
		const report = await replayRecording(JSON.parse(JSON.stringify(recording)));
		expect(report.replayed).toBe(report.recorded);
		expect(model.calls).toBe(calls);
	});
});
