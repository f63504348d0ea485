/** Workflows with an agent and its sub-nodes. */
import { chain, node, webhook } from '../n8n/build.ts';
import type { Credential, WorkflowFile, WorkflowNode } from '../n8n/types.ts';

export const LANGCHAIN = '@n8n/n8n-nodes-langchain';

/** A sub-node and the input that it is attached to. */
export interface Attached {
	node: WorkflowNode;
	type: string;
	index?: number;
	/** Default: the agent. */
	to?: string;
}

/** Webhook → one item per ticket → agent, with its sub-nodes. */
export function workflowOf(
	path: string,
	agent: WorkflowNode,
	attached: Attached[] = [],
): WorkflowFile {
	const split = node('Split', 'n8n-nodes-base.splitOut', {
		fieldToSplitOut: 'body.tickets',
		options: { destinationFieldName: 'text' },
	});
	const file = chain(path, webhook(path), split, agent);
	for (const { node: subNode, type, index = 0, to = agent.name } of attached) {
		file.nodes.push(subNode);
		file.connections[subNode.name] = { [type]: [[{ node: to, type, index }]] };
	}
	return file;
}

/** What a node needs to use a credential. */
export const withCredential = (type: string, { id, name }: Credential) => ({
	credentials: { [type]: { id, name } },
});

/** n8n's OpenAI Chat Model. */
export const openAiChatModel = (
	credential: Credential,
	name = 'OpenAI Chat Model',
	parameters: Record<string, unknown> = {},
): WorkflowNode =>
	node(
		name,
		`${LANGCHAIN}.lmChatOpenAi`,
		{
			model: { __rl: true, mode: 'id', value: 'stand-in' },
			responsesApiEnabled: false,
			options: {},
			...parameters,
		},
		{ typeVersion: 1.3, ...withCredential('openAiApi', credential) },
	);
