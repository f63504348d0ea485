import type { INodeProperties } from 'n8n-workflow';

import { countField, textField } from '../../shared/fields';

/** What the agent knows from earlier, and from elsewhere. */
export const memoryOptions: INodeProperties[] = [
	textField({
		displayName: 'Conversation',
		name: 'threadId',
		placeholder: 'e.g. {{ $json.customerId }}',
		description:
			'Name of a conversation that is remembered across executions. Tasks with the same name know what was said before.',
	}),
	{
		displayName: 'Knowledge',
		name: 'knowledge',
		type: 'options',
		options: [
			{
				name: 'Built-In',
				value: 'builtIn',
				description:
					'Earlier answers that are kept in the store; found by their words, and by their meaning when an Embeddings sub-node is attached',
			},
			{ name: 'None', value: 'none' },
			{
				name: 'Retriever',
				value: 'ai_retriever',
				description: 'Look up the task in the attached Retriever',
			},
			{
				name: 'Vector Store',
				value: 'ai_vectorStore',
				description: 'Look up the task in the attached Vector Store',
			},
		],
		default: 'builtIn',
		description:
			'Where the agent finds what it has to know. What is found counts as text from outside.',
	},
	textField({
		displayName: 'Knowledge: Name',
		name: 'knowledgeName',
		displayOptions: { show: { knowledge: ['builtIn'] } },
		placeholder: 'e.g. support',
		description:
			'Workflows that give the same name share what they remember. Leave empty for the knowledge of this workflow alone.',
	}),
	countField({
		displayName: 'Knowledge: Pieces',
		name: 'knowledgeLimit',
		default: 4,
		displayOptions: { show: { knowledge: ['builtIn', 'ai_vectorStore', 'ai_retriever'] } },
		description: 'How many pieces of knowledge the agent gets to see',
	}),
	{
		displayName: 'Knowledge: Remember Answers',
		name: 'remember',
		type: 'boolean',
		default: true,
		displayOptions: { show: { knowledge: ['builtIn', 'ai_vectorStore'] } },
		description:
			'Whether to add each task with its answer to the knowledge. Built-in knowledge does so unless this is off.',
	},
];
