import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

/** How the fields differ from node to node. */
export interface ModelFieldsOptions {
	/** When the fields are shown. Default: always. */
	show?: IDisplayOptions['show'];
	/** What *Attached Chat Model* is described with. Default: of one sub-node. */
	attached?: string;
	/** Description of *Model Source*. */
	source?: string;
	/** Description of *Model*. */
	model?: string;
}

/** Which model answers: an attached one, or one of an API that the node calls itself. */
export function modelFields(options: ModelFieldsOptions = {}): INodeProperties[] {
	const { show, source, model } = options;
	const { attached = 'Use the Chat Model sub-node attached below this node' } = options;
	return [
		{
			displayName: 'Model Source',
			name: 'modelSource',
			type: 'options',
			noDataExpression: true,
			options: [
				{ name: 'Attached Chat Model', value: 'chatModel', description: attached },
				{
					name: 'API Credential',
					value: 'api',
					description: 'Call OpenAI, OpenRouter, Ollama, vLLM, LM Studio or Anthropic directly',
				},
			],
			default: 'chatModel',
			...(show && { displayOptions: { show } }),
			...(source !== undefined && { description: source }),
		},
		{
			displayName: 'Model',
			name: 'model',
			type: 'resourceLocator',
			default: { mode: 'list', value: '' },
			required: true,
			displayOptions: { show: { ...show, modelSource: ['api'] } },
			...(model !== undefined && { description: model }),
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
}
