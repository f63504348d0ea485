/** The same work for our node and n8n's: one item per ticket, one call of the model per item. */
import { chain, node, webhook } from '../../../e2e/n8n/build.ts';

const LANGCHAIN = '@n8n/n8n-nodes-langchain';

/** The node under test has this name in every workflow. */
const AGENT = 'Agent';

/** The node before it. */
export const SPLIT = 'Split';

const split = () =>
	node(SPLIT, 'n8n-nodes-base.splitOut', {
		fieldToSplitOut: 'body.tickets',
		options: { destinationFieldName: 'text' },
	});

const credential = (type, { id, name }) => ({ credentials: { [type]: { id, name } } });

/** n8n's own model node. */
export const chatModel = ({ openAi }, name = 'Chat Model') =>
	node(
		name,
		`${LANGCHAIN}.lmChatOpenAi`,
		{
			model: { __rl: true, mode: 'id', value: 'stand-in' },
			responsesApiEnabled: false,
			options: {},
		},
		{ typeVersion: 1.3, ...credential('openAiApi', openAi) },
	);

/** Our node with its own credential. */
export const agentTaskWithApi = ({ api }, parameters = {}) =>
	node(
		AGENT,
		'agentTask',
		{
			modelSource: 'api',
			model: { __rl: true, mode: 'id', value: 'stand-in' },
			task: '={{ $json.text }}',
			...parameters,
		},
		credential('agentSwarmModelApi', api),
	);

/** Our node with n8n's model node attached. */
export const agentTask = (parameters = {}) =>
	node(AGENT, 'agentTask', { task: '={{ $json.text }}', ...parameters });

/** n8n's AI Agent. */
export const aiAgent = (options = {}) =>
	node(
		AGENT,
		`${LANGCHAIN}.agent`,
		{ promptType: 'define', text: '={{ $json.text }}', options },
		{ typeVersion: 3.1 },
	);

const llmChain = (batchSize) =>
	node(
		AGENT,
		`${LANGCHAIN}.chainLlm`,
		{ promptType: 'define', text: '={{ $json.text }}', batching: { batchSize } },
		{ typeVersion: 1.9 },
	);

/**
 * Webhook → one item per ticket → agent.
 *
 * @param attached - `[sub-node, type of connection, name of the node it belongs to]`
 */
export function workflow(name, agent, attached = []) {
	const file = chain(name, webhook(name), split(), agent);
	for (const [subNode, type, to = AGENT] of attached) {
		file.nodes.push(subNode);
		file.connections[subNode.name] = { [type]: [[{ node: to, type, index: 0 }]] };
	}
	return file;
}

/**
 * One workflow for each contender.
 *
 * @param concurrency - how many items each may work on at the same time
 * @returns by the name of the contender
 */
export function contenders(credentials, concurrency) {
	const model = () => [[chatModel(credentials), 'ai_languageModel']];
	const options = { itemsAtOnce: concurrency };
	const batching = { batchSize: concurrency, delayBetweenBatches: 0 };
	const name = (who) => `${who}-${concurrency}`;
	return {
		ours: workflow(name('api'), agentTaskWithApi(credentials, { options })),
		'ours, Chat Model attached': workflow(name('attached'), agentTask({ options }), model()),
		'AI Agent': workflow(name('ai-agent'), aiAgent({ batching }), model()),
		'Basic LLM Chain': workflow(name('chain'), llmChain(concurrency), model()),
	};
}

/** Short texts, all different. */
export const tickets = (count) =>
	Array.from({ length: count }, (_entry, index) => `Ticket ${index}: I was charged twice.`);
