import { describe, expect, it } from '@jest/globals';

import { AgentTask } from '../../../nodes/AgentTask/AgentTask.node';
import { AgentTaskTool } from '../../../nodes/AgentTaskTool/AgentTaskTool.node';
import { connect, node, runWorkflow, start, subNode } from '../../harness';

interface Asked {
	role: string;
	content: string;
}

/** A model that gives three tasks to the agent below it at once, and then joins the answers. */
const boss = {
	model: 'boss',
	tools: [] as unknown[],
	bindTools(tools: unknown[]) {
		this.tools = tools;
		return this;
	},
	invoke: async (messages: Asked[]) => {
		const results = messages.filter(({ role }) => role === 'tool');
		if (results.length > 0) return { content: results.map(({ content }) => content).join('\n') };
		const call = (task: string) => ({ id: task, name: 'Helper', args: { task } });
		return { content: '', tool_calls: ['one', 'two', 'three'].map(call) };
	},
};

describe('Agent Task Tool', () => {
	it('lets an agent give tasks to another agent, really at the same time', async () => {
		let open = 0;
		let most = 0;
		const worker = {
			model: 'worker',
			invoke: async (messages: Asked[]) => {
				most = Math.max(most, ++open);
				await new Promise((resolve) => setTimeout(resolve, 20));
				open--;
				return { content: `${messages.at(-1)!.content} done` };
			},
		};
		const execution = await runWorkflow({
			nodes: [
				start(),
				node('Boss', new AgentTask(), { task: 'Do three things.' }),
				node('Helper', new AgentTaskTool(), {
					task: "={{ $fromAI('task', 'The task', 'string') }}",
					toolDescription: 'Helps.',
				}),
				subNode('Boss Model', 'ai_languageModel', () => boss),
				subNode('Helper Model', 'ai_languageModel', () => worker),
			],
			connections: connect(
				['Start', 'Boss'],
				{ from: 'Boss Model', to: 'Boss', type: 'ai_languageModel' },
				{ from: 'Helper', to: 'Boss', type: 'ai_tool' },
				{ from: 'Helper Model', to: 'Helper', type: 'ai_languageModel' },
			),
		});

		expect(execution.error).toBeUndefined();
		expect(most).toBe(3);
		const [item] = execution.json('Boss');
		expect(item).toMatchObject({
			toolCalls: ['one', 'two', 'three'].map((task) => ({
				name: 'Helper',
				arguments: { task },
				status: 'ok',
				result: JSON.stringify([{ output: `${task} done`, outcome: 'success' }]),
			})),
		});
		expect(boss.tools).toMatchObject([
			{ function: { name: 'Helper', description: 'Helps.', parameters: { required: ['task'] } } },
		]);
	});

	it('offers no options that need an output to people', () => {
		const { properties } = new AgentTaskTool().description;
		const text = JSON.stringify(properties);
		expect(text).not.toContain('Needs a Person');
		expect(text).not.toContain('"person"');
	});
});
