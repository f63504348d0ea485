import type { IDataObject, INodeExecutionData, ITriggerFunctions } from 'n8n-workflow';

import { AgentEventTrigger } from '../../../nodes/AgentEventTrigger/AgentEventTrigger.node';
import { AgentTask } from '../../../nodes/AgentTask/AgentTask.node';
import { AgentWorkflow } from '../../../nodes/AgentWorkflow/AgentWorkflow.node';
import { closeStores } from '../../../nodes/shared/store';
import { chain, connect, node, runWorkflow, start, subNode } from '../../harness';

afterAll(closeStores);

/** The trigger as n8n calls it when somebody tests it by hand. */
async function testedByHand(parameters: IDataObject): Promise<INodeExecutionData[]> {
	const emitted: INodeExecutionData[][][] = [];
	const context = {
		getNodeParameter: (name: string, fallback: unknown) => parameters[name] ?? fallback,
		getNode: () => ({ id: 't', name: 'Trigger', type: 'agentEventTrigger', parameters }),
		getMode: () => 'manual',
		emit: (items: INodeExecutionData[][]) => emitted.push(items),
		helpers: {},
	};
	const trigger = new AgentEventTrigger();
	const { manualTriggerFunction } = await trigger.trigger.call(
		context as unknown as ITriggerFunctions,
	);
	await manualTriggerFunction!();
	return emitted[0]![0]!;
}

/** Runs a workflow of one step, recorded in the store that the trigger reads. */
async function ranWorkflow(name: string): Promise<void> {
	const definition = {
		name,
		steps: [{ id: 'greet', kind: 'transform', parameters: { value: 1 } }],
	};
	const { error } = await runWorkflow({
		nodes: [
			start(),
			node('Run', new AgentWorkflow(), {
				resource: 'execution',
				operation: 'start',
				workflowFrom: 'definition',
				definition: JSON.stringify(definition),
				input: '{}',
			}),
		],
		connections: chain('Start', 'Run'),
		input: [{ json: {} }],
	});
	expect(error).toBeUndefined();
}

describe('Agent Event Trigger, tested by hand', () => {
	it('gives the latest event of the chosen kinds as an example', async () => {
		await ranWorkflow('Morning mail');
		const [ended] = await testedByHand({ events: ['run.started', 'run.completed'] });
		expect(ended!.json).toMatchObject({
			type: 'run.completed',
			name: 'Morning mail',
			progress: 100,
		});
		expect(ended!.json.at).toMatch(/^\d{4}-\d\d-\d\dT/);
		const [step] = await testedByHand({ events: ['step.completed'] });
		expect(step!.json).toMatchObject({ type: 'step.completed', step: 'greet' });
	});

	it('looks only at runs with the wanted name', async () => {
		await ranWorkflow('Evening mail');
		await ranWorkflow('Something else');
		const [event] = await testedByHand({
			events: ['run.completed'],
			options: { nameContains: 'Evening' },
		});
		expect(event!.json.name).toBe('Evening mail');
	});

	it('tells that a run has used up its budget', async () => {
		const model = {
			model: 'fake-1',
			invoke: async () => await Promise.resolve({ content: 'Done.' }),
		};
		await runWorkflow({
			nodes: [
				start(),
				node(
					'Task',
					new AgentTask(),
					{
						task: '={{ $json.q }}',
						runKey: 'dear run',
						options: { budget: { limits: [{ unit: 'calls', hard: 1, scope: 'run' }] } },
					},
					{ onError: 'continueErrorOutput' },
				),
				subNode('Model', 'ai_languageModel', () => model),
			],
			connections: connect(['Start', 'Task'], {
				from: 'Model',
				to: 'Task',
				type: 'ai_languageModel',
			}),
			input: [{ json: { q: 'a' } }, { json: { q: 'b' } }],
		});
		const [event] = await testedByHand({ events: ['budget.reached'] });
		expect(event!.json).toMatchObject({
			type: 'budget.reached',
			runId: 'dear run',
			error: { code: 'BUDGET_EXCEEDED' },
		});
	});

	it('tells that the budget ended a task, also when it gives what there is', async () => {
		const calls = { tool_calls: [{ id: 'c1', name: 'look', args: {} }] };
		const model = {
			model: 'fake-1',
			invoke: async () => await Promise.resolve({ content: 'So far: 3.', ...calls }),
			bindTools: () => model,
		};
		const tool = { name: 'look', description: 'Looks.', invoke: async () => 'more' };
		const options = { budget: { limits: [{ unit: 'calls', hard: 1, scope: 'run' }] } };
		const execution = await runWorkflow({
			nodes: [
				start(),
				node('Task', new AgentTask(), { task: 'Count.', runKey: 'short run', options }),
				subNode('Model', 'ai_languageModel', () => model),
				subNode('Look', 'ai_tool', () => tool),
			],
			connections: connect(
				['Start', 'Task'],
				{ from: 'Model', to: 'Task', type: 'ai_languageModel' },
				{ from: 'Look', to: 'Task', type: 'ai_tool' },
			),
		});
		expect(execution.items('Task')[0]!.json).toMatchObject({
			output: 'So far: 3.',
			outcome: 'partial',
			cutShort: { code: 'BUDGET_EXCEEDED' },
		});
		const [event] = await testedByHand({ events: ['budget.reached'] });
		expect(event!.json).toMatchObject({
			type: 'budget.reached',
			runId: 'short run',
			error: { code: 'BUDGET_EXCEEDED' },
		});
	});

	it('says what to do when there is nothing to show', async () => {
		await expect(testedByHand({ events: ['run.stalled'] })).rejects.toThrow(
			'None of the last 20 runs of this store has had an event of this kind.',
		);
	});

	it('wants to know what to tell', async () => {
		await expect(testedByHand({ events: [] })).rejects.toThrow('must name at least one event');
		await expect(testedByHand({ events: ['run.exploded'] })).rejects.toThrow('run.exploded');
	});
});
