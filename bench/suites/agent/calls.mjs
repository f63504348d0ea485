/** How often the model is asked when one item of many needs a tool. */
import { node } from '../../../e2e/n8n/build.ts';
import { aheadOf, atMost, row } from '../../support/rows.mjs';
import { agentTask, aiAgent, chatModel, workflow } from './contenders.mjs';
import { publish, runAgent, theInstance } from './instance.mjs';

const ITEMS = 100;

/** Ticket 7 is worked on with the Calculator, which takes one more call. */
const ONE_USES_A_TOOL = [
	{
		match: 'Ticket 7:',
		reply: { toolCalls: [{ name: 'Calculator', arguments: { input: '2 * 49' } }] },
	},
	{ times: Infinity, reply: { content: 'Refund it.' } },
];

export async function calls() {
	const { model, credentials } = await theInstance();
	const attached = () => [
		[chatModel(credentials), 'ai_languageModel'],
		[node('Calculator', '@n8n/n8n-nodes-langchain.toolCalculator'), 'ai_tool'],
	];
	const batching = { batchSize: 100, delayBetweenBatches: 0 };
	const files = {
		ours: workflow('calls-ours', agentTask({ options: { itemsAtOnce: 100 } }), attached()),
		'AI Agent': workflow('calls-ai-agent', aiAgent({ batching }), attached()),
	};
	const counts = {};
	for (const [who, file] of Object.entries(files)) {
		model.script({ times: Infinity, reply: { content: 'Ready.' } });
		await publish(file);
		model.forget();
		model.script(...ONE_USES_A_TOOL);
		await runAgent(file.name, ITEMS);
		counts[who] = model.calls.length;
	}
	model.forget();
	return [
		row(`model calls, ${ITEMS} items, one uses a tool`, 'calls', counts, [
			atMost(ITEMS + 1),
			aheadOf('AI Agent'),
		]),
	];
}
