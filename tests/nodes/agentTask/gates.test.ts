/** n8n's gates before tools: the engine asks a person, and comes back to the node. */
import { describe, expect, it } from '@jest/globals';
import type {
	IDataObject,
	IExecuteFunctions,
	INodeParameters,
	INodeType,
	ISupplyDataFunctions,
} from 'n8n-workflow';

import { AgentTask } from '../../../nodes/AgentTask/AgentTask.node';
import { AgentTaskTool } from '../../../nodes/AgentTaskTool/AgentTaskTool.node';
import { connect, node, runWorkflow, start, subNode } from '../../harness';

interface Turn {
	content?: string;
	tool_calls?: Array<{ id: string; name: string; args: IDataObject }>;
}

/** A Chat Model sub-node whose answers depend on what it is asked. */
function chatModel(answer: (messages: Array<{ role: string; content: string }>) => Turn) {
	const asked: string[] = [];
	const model = {
		model: 'fake',
		bindTools: () => model,
		invoke: async (messages: Array<{ role: string; content: string }>) => {
			asked.push(messages.map(({ content }) => content).join('\n'));
			return answer(messages);
		},
	};
	return { asked, model };
}

/** A node that the engine runs as a tool; keeps what it got. */
function toolNode(supply: unknown, answer: (input: IDataObject) => IDataObject) {
	const inputs: IDataObject[] = [];
	const type: INodeType = {
		description: {
			displayName: 'Tool',
			name: `harness.tool-${Math.random()}`,
			group: ['transform'],
			version: 1,
			description: 'A tool',
			defaults: { name: 'Tool' },
			inputs: [],
			outputs: ['ai_tool'],
			properties: [],
		},
		async supplyData(this: ISupplyDataFunctions) {
			return { response: supply };
		},
		async execute(this: IExecuteFunctions) {
			const [item] = this.getInputData();
			inputs.push(item!.json);
			return [[{ json: answer(item!.json), pairedItem: { item: 0 } }]];
		},
	};
	return { type, inputs };
}

const PARAMETERS = {
	type: 'object',
	properties: { toolParameters: { type: 'object' }, hitlParameters: { type: 'object' } },
};

const gatedTool = {
	name: 'send',
	description: 'Sends a letter.',
	schema: PARAMETERS,
	metadata: { sourceNodeName: 'Gate', gatedToolNodeName: 'Send' },
	invoke: async () => '',
};

const callsSend = (to: string, id = 'c1'): Turn => ({
	tool_calls: [
		{
			id,
			name: 'send',
			args: { toolParameters: { to }, hitlParameters: { message: `Send to ${to}?` } },
		},
	],
});

const lastOf = <Entry>(entries: Entry[]): Entry => entries.at(-1)!;

async function run(
	answers: (input: IDataObject) => IDataObject,
	model: unknown,
	input: IDataObject[] = [{ task: 'Write to Ada.' }],
	parameters: INodeParameters = {},
	agent: { onError?: 'continueRegularOutput' } = {},
) {
	const gate = toolNode({ tools: [gatedTool] }, answers);
	const send = toolNode(undefined, ({ to }) => ({ response: `Sent to ${String(to)}.` }));
	const execution = await runWorkflow({
		nodes: [
			start(),
			node('Task', new AgentTask(), { task: '={{ $json.task }}', ...parameters }, agent),
			subNode('Model', 'ai_languageModel', () => model),
			node('Gate', gate.type),
			node('Send', send.type),
		],
		connections: connect(
			['Start', 'Task'],
			{ from: 'Model', to: 'Task', type: 'ai_languageModel' },
			{ from: 'Gate', to: 'Task', type: 'ai_tool' },
			{ from: 'Send', to: 'Gate', type: 'ai_tool' },
		),
		input: input.map((json) => ({ json })),
	});
	return { execution, gate, send, items: execution.json('Task', 0, 0) };
}

describe("Agent Task with n8n's gates before its tools", () => {
	it('runs the tool after a person approved, and goes on with its result', async () => {
		const { asked, model } = chatModel((messages) =>
			lastOf(messages).role === 'tool' ? { content: 'Done.' } : callsSend('Ada'),
		);
		const { execution, gate, send, items } = await run(() => ({ data: { approved: true } }), model);

		expect(execution.error).toBeUndefined();
		expect(gate.inputs).toMatchObject([{ message: 'Send to Ada?', toolParameters: { to: 'Ada' } }]);
		expect(send.inputs).toMatchObject([{ to: 'Ada' }]);
		expect(items).toMatchObject([
			{ output: 'Done.', reused: false, toolCalls: [{ name: 'send', status: 'ok' }] },
		]);
		expect(asked).toHaveLength(2);
		expect(asked[1]).toContain('Sent to Ada.');
	});

	it.each([
		['said no', { approved: false, chatInput: 'Not her.' }, 'Not her.'],
		['said nothing in time', { task: 'Write to Ada.' }, 'did not approve'],
		['said something else', { data: { approved: 'yes' } }, 'did not approve'],
	])('tells the agent when a person %s, and does not run the tool', async (_case, answer, told) => {
		const { asked, model } = chatModel((messages) =>
			lastOf(messages).role === 'tool' ? { content: 'Understood.' } : callsSend('Ada'),
		);
		const { send, items } = await run(() => answer, model);
		expect(send.inputs).toEqual([]);
		expect(items).toMatchObject([
			{ output: 'Understood.', toolCalls: [{ name: 'send', status: 'refused' }] },
		]);
		expect(asked[1]).toContain(told);
	});

	it('asks for several items and turns, and calls nothing again that is done', async () => {
		const { asked, model } = chatModel((messages) => {
			const task = messages.find(({ role }) => role === 'user')!.content;
			if (task === 'Just answer.') return { content: 'Answered.' };
			const results = messages.filter(({ role }) => role === 'tool').length;
			if (task === 'Write twice.' && results < 2) return callsSend(`friend ${results}`);
			return results > 0 ? { content: `After ${results}.` } : callsSend('Ada');
		});
		const { gate, send, items } = await run(() => ({ approved: true }), model, [
			{ task: 'Write once.' },
			{ task: 'Just answer.' },
			{ task: 'Write twice.' },
		]);
		expect(items.map(({ output }) => output)).toEqual(['After 1.', 'Answered.', 'After 2.']);
		expect(items.map(({ reused }) => reused)).toEqual([false, false, false]);
		expect(gate.inputs).toHaveLength(3);
		expect(send.inputs.map(({ to }) => to).sort()).toEqual(['Ada', 'friend 0', 'friend 1']);
		expect(asked).toHaveLength(2 + 1 + 3);
	});

	it('keeps the failure of another item', async () => {
		const denied = Object.assign(new Error('401 Incorrect API key'), { status: 401 });
		const { asked, model } = chatModel((messages) => {
			if (messages.some(({ content }) => content === 'Fail.')) throw denied;
			return lastOf(messages).role === 'tool' ? { content: 'Done.' } : callsSend('Ada');
		});
		const { items } = await run(
			() => ({ approved: true }),
			model,
			[{ task: 'Fail.' }, { task: 'Write.' }],
			{},
			{ onError: 'continueRegularOutput' },
		);
		expect(items).toMatchObject([{ error: expect.stringContaining('401') }, { output: 'Done.' }]);
		expect(asked.filter((text) => text.includes('Fail.'))).toHaveLength(1);
	});

	it('says that an agent that is a tool itself cannot ask at gates', async () => {
		const { model } = chatModel(() => callsSend('Ada'));
		const execution = await runWorkflow({
			nodes: [
				start(),
				node('Helper', new AgentTaskTool(), { task: 'Write.', toolDescription: 'x' }),
				subNode('Model', 'ai_languageModel', () => model),
				subNode('Gate', 'ai_tool', () => gatedTool),
			],
			connections: connect(
				['Start', 'Helper'],
				{ from: 'Model', to: 'Helper', type: 'ai_languageModel' },
				{ from: 'Gate', to: 'Helper', type: 'ai_tool' },
			),
		});
		expect(execution.error?.message).toMatch(/"send" are behind gates/);
	});
});
