import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { AgentTask } from '../../../nodes/AgentTask/AgentTask.node';
import { code, connect, node, runWorkflow, start, subNode } from '../../harness';

/** Calls that tools have made in this test. */
let made: unknown[] = [];

beforeEach(() => {
	made = [];
});

afterEach(() => {
	made = [];
});

const send = {
	name: 'send',
	description: 'Sends.',
	schema: { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] },
	invoke: async (input: unknown) => {
		made.push(input);
		return 'sent';
	},
};

/** A model that wants to send once, and then tells what happened. */
const sender = {
	model: 'fake',
	bindTools() {
		return this;
	},
	invoke: async (messages: Array<{ role: string; content: string }>) => {
		const last = messages.at(-1)!;
		if (last.role === 'tool') return { content: `It said: ${last.content}` };
		return { content: '', tool_calls: [{ id: 'c1', name: 'send', args: { to: 'Ada' } }] };
	},
};

const saying = (...texts: string[]) => ({
	model: 'fake',
	asked: [] as string[],
	async invoke(messages: Array<{ content: string }>) {
		this.asked.push(messages.at(-1)!.content);
		return { content: texts.length > 1 ? texts.shift() : texts[0] };
	},
});

/** Runs a task whose second output goes to a person, whose answer comes back to the same node. */
async function run(
	parameters: INodeParameters,
	model: unknown,
	decide: (json: IDataObject) => IDataObject,
	withTool = false,
) {
	const nodes = [
		start(),
		node('Task', new AgentTask(), { task: 'Send {{ $json.what }}.', ...parameters }),
		subNode('Model', 'ai_languageModel', () => model),
		subNode('Send', 'ai_tool', () => send),
		code('Person', (context) => [
			context.getInputData().map(({ json }) => ({ json: { ...json, ...decide(json) } })),
		]),
	];
	return await runWorkflow({
		nodes,
		connections: connect(
			['Start', 'Task'],
			{ from: 'Model', to: 'Task', type: 'ai_languageModel' },
			...(withTool ? [{ from: 'Send', to: 'Task', type: 'ai_tool' as const }] : []),
			{ from: 'Task', to: 'Person', output: 1 },
			{ from: 'Person', to: 'Task' },
		),
		input: [{ json: { what: 'it' } }],
	});
}

const approve = () => ({ decision: 'approved', comment: '' });

describe('Agent Task, when a tool needs approval', () => {
	const parameters = { options: { needApproval: 'send' } };

	it('asks a person, with what it wants to do, before it does it', async () => {
		let asked: IDataObject = {};
		const execution = await run(
			parameters,
			sender,
			(json) => {
				expect(made).toEqual([]);
				asked = json;
				return approve();
			},
			true,
		);
		expect(execution.error).toBeUndefined();
		expect(asked).toEqual({
			what: 'it',
			needsPerson: {
				id: expect.any(String),
				reason: 'approval',
				question:
					'The agent wants to call tools that need approval:\n- send {"to":"Ada"} (Each call of "send" needs a person\'s approval.)',
				proposal: { toolCalls: [{ id: 'c1', name: 'send', arguments: { to: 'Ada' } }] },
				code: 'NEEDS_APPROVAL',
				attempts: 1,
				usage: expect.objectContaining({ calls: 1 }),
				history: [],
			},
		});
		expect(made).toEqual([{ to: 'Ada' }]);
		expect(execution.json('Task', 0, 1)).toMatchObject([
			{ output: expect.stringContaining('sent'), toolCalls: [{ name: 'send', status: 'ok' }] },
		]);
	});

	it('calls the tool with what the person made of it', async () => {
		await run(
			parameters,
			sender,
			() => ({
				...approve(),
				payload: { toolCalls: [{ id: 'c1', name: 'send', arguments: { to: 'Bob' } }] },
			}),
			true,
		);
		expect(made).toEqual([{ to: 'Bob' }]);
	});

	it.each([
		{ decision: 'rejected', comment: ' Not her. ' },
		{ decision: 'noDecision', comment: 'Not her.' },
		{ decision: 'approved', comment: 'Not her.', payload: { toolCalls: [] } },
	])('tells the agent when the answer is %j', async (decision) => {
		const execution = await run(parameters, sender, () => decision, true);
		expect(made).toEqual([]);
		expect(execution.json('Task', 0, 1)).toMatchObject([
			{
				output:
					'It said: A person did not approve this call, so it was not run. They say: Not her.',
			},
		]);
	});
});

describe('Agent Task, when it fails and a person can help', () => {
	const parameters = {
		output: 'json',
		jsonExample: '{"n": 1}',
		options: { onExhausted: 'person', maxRepairs: 0 },
	};

	it('takes the output that the person gives', async () => {
		let asked: IDataObject = {};
		const model = saying('{"n": "one"}');
		const execution = await run(parameters, model, (json) => {
			asked = json.needsPerson as IDataObject;
			return { ...approve(), payload: { output: { n: 5 } } };
		});
		expect(asked).toMatchObject({
			reason: 'failed',
			code: 'BAD_OUTPUT',
			proposal: { output: { n: 'one' } },
			question: expect.stringMatching(/^The model's answer cannot be used\./),
			hint: expect.any(String),
		});
		expect(execution.json('Task', 0, 1)).toMatchObject([{ output: { n: 5 }, model: 'person' }]);
		expect(model.asked).toHaveLength(1);
	});

	it('does not take an output that does not fit either', async () => {
		let times = 0;
		const execution = await run(parameters, saying('{"n": "one"}'), () =>
			++times > 1 ? { decision: 'rejected' } : approve(),
		);
		expect(execution.error?.message).toContain('The output that a person gave cannot be used');
	});

	it('tries again with the advice of the person', async () => {
		const model = saying('nonsense', '{"n": 2}');
		const execution = await run(parameters, model, () => ({
			decision: 'approved',
			comment: 'Count from zero.',
			payload: { output: null },
		}));
		expect(model.asked[1]).toContain('A person adds: Count from zero.');
		expect(execution.json('Task', 0, 1)).toMatchObject([{ output: { n: 2 } }]);
	});

	it('fails when the person rejects', async () => {
		const execution = await run(parameters, saying('nonsense'), () => ({
			decision: 'rejected',
			comment: 'Never mind.',
		}));
		expect(execution.error?.message).toBe(
			'A person decided not to go on with the task. They say: Never mind.',
		);
	});

	it('says when nothing waits for the decision', async () => {
		const execution = await run(parameters, saying('nonsense'), (json) => ({
			...approve(),
			needsPerson: { ...(json.needsPerson as IDataObject), id: 'other' },
		}));
		expect(execution.error?.message).toBe('No task "other" waits for a person.');
	});
});

describe('Agent Task, when it fails and has a default', () => {
	it('goes on with the default value', async () => {
		const execution = await run(
			{
				output: 'json',
				options: { onExhausted: 'default', defaultValue: '{"category":"other"}', maxRepairs: 0 },
			},
			saying('nonsense'),
			approve,
		);
		expect(execution.json('Task')).toMatchObject([
			{
				output: { category: 'other' },
				outcome: 'default',
				failure: { code: 'BAD_OUTPUT', message: expect.any(String) },
				attempts: 1,
			},
		]);
	});
});
