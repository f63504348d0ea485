import type { INodeProperties } from 'n8n-workflow';

import { forRunning } from './show';

/** Where the models of agent steps come from. */
export const modelFields: INodeProperties[] = [
	{
		displayName: 'Model Source',
		name: 'modelSource',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Attached Chat Model',
				value: 'chatModel',
				description: 'Use the Chat Model sub-node attached below this node',
			},
			{
				name: 'API Credential',
				value: 'api',
				description: 'Call OpenAI, OpenRouter, Ollama, vLLM, LM Studio or Anthropic directly',
			},
		],
		default: 'chatModel',
		displayOptions: forRunning,
		description: 'Where agent steps get their model; workflows without agents need none',
	},
	{
		displayName: 'Model',
		name: 'model',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		required: true,
		displayOptions: { show: { ...forRunning.show, modelSource: ['api'] } },
		description: 'The model of agents and steps that do not name another one',
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a model…',
				typeOptions: { searchListMethod: 'searchModels', searchable: true },
			},
			{ displayName: 'ID', name: 'id', type: 'string', placeholder: 'e.g. gpt-4o-mini' },
		],
	},
];
