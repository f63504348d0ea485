/** What one turn takes when the model asks for several tools, or several other agents. */
import { node } from '../../../e2e/n8n/build.ts';
import { quickest } from '../../support/n8n.mjs';
import { aheadOf, atMost, row } from '../../support/rows.mjs';
import { agentTask, aiAgent, chatModel, workflow } from './contenders.mjs';
import { publish, runAgent, theInstance } from './instance.mjs';
import { slowService } from './slowService.mjs';

const LANGCHAIN = '@n8n/n8n-nodes-langchain';
const TOOLS = ['look_up_1', 'look_up_2', 'look_up_3', 'look_up_4', 'look_up_5'];
const HELPERS = ['helper_1', 'helper_2', 'helper_3'];
const SLOW_MS = 300;
const LIMIT_MS = 450;
const ROUNDS = 5;

/** Milliseconds of one item: by contender, the quickest of several rounds. */
async function measure(files, script) {
	const { model } = await theInstance();
	const times = {};
	for (const [who, file] of Object.entries(files)) {
		model.forget();
		model.script({ times: 2, reply: { content: 'Ready.' } });
		await publish(file);
		times[who] = [];
		for (let round = 0; round < ROUNDS; round++) {
			model.forget();
			model.script(...script);
			times[who].push((await runAgent(file.name, 1)).ms);
		}
	}
	model.forget();
	return Object.fromEntries(Object.entries(times).map(([who, list]) => [who, quickest(list)]));
}

const GOALS = [atMost(LIMIT_MS), aheadOf('AI Agent')];

/** Five HTTP Request tools of 300 ms, asked for in one turn. */
export async function tools() {
	const { credentials } = await theInstance();
	const service = await slowService(SLOW_MS);
	const httpTool = (name) =>
		node(
			name,
			'n8n-nodes-base.httpRequestTool',
			{ toolDescription: `Looks it up in ${name}.`, url: service.url, options: {} },
			{ typeVersion: 4.3 },
		);
	const attached = () => [
		[chatModel(credentials), 'ai_languageModel'],
		...TOOLS.map((name) => [httpTool(name), 'ai_tool']),
	];
	const times = await measure(
		{
			ours: workflow('tools-ours', agentTask(), attached()),
			'AI Agent': workflow('tools-ai-agent', aiAgent(), attached()),
		},
		[
			{ reply: { toolCalls: TOOLS.map((name) => ({ name, arguments: {} })) } },
			{ reply: { content: 'Done.' } },
		],
	);
	await service.close();
	return [row(`${TOOLS.length} tools of ${SLOW_MS} ms in one turn`, 'ms', times, GOALS)];
}

/** Three agents as tools, each of which asks its own model once, which takes 300 ms. */
export async function subAgents() {
	const { credentials } = await theInstance();
	const task = { text: "={{ $fromAI('task', 'The whole task', 'string') }}" };
	const ours = (name) =>
		node(name, 'agentTaskTool', { toolDescription: `Helps as ${name}.`, task: task.text });
	const theirs = (name) =>
		node(
			name,
			`${LANGCHAIN}.agentTool`,
			{ toolDescription: `Helps as ${name}.`, ...task },
			{ typeVersion: 3 },
		);
	const attached = (helper) => [
		[chatModel(credentials), 'ai_languageModel'],
		...HELPERS.flatMap((name) => [
			[helper(name), 'ai_tool'],
			[chatModel(credentials, `Model of ${name}`), 'ai_languageModel', name],
		]),
	];
	const times = await measure(
		{
			ours: workflow('helpers-ours', agentTask(), attached(ours)),
			'AI Agent': workflow('helpers-ai-agent', aiAgent(), attached(theirs)),
		},
		[
			{
				match: 'Ticket 0:',
				reply: {
					toolCalls: HELPERS.map((name) => ({ name, arguments: { task: `Help, ${name}.` } })),
				},
			},
			...HELPERS.map((name) => ({
				match: `Help, ${name}.`,
				delayMs: SLOW_MS,
				reply: { content: `${name} has helped.` },
			})),
			{ reply: { content: 'Done.' } },
		],
	);
	return [row(`${HELPERS.length} sub-agents of ${SLOW_MS} ms in one turn`, 'ms', times, GOALS)];
}
