import type { INodeProperties } from 'n8n-workflow';

import { modelFields } from '../shared/modelFields';
import { runFields } from '../shared/runFields';
import { optionFields } from './options';

const taskModelFields: INodeProperties[] = [
	...modelFields({ attached: 'Use the Chat Model sub-nodes attached below this node' }),
	{
		displayName: 'Fallback Models',
		name: 'fallbackModels',
		type: 'string',
		default: '',
		displayOptions: { show: { modelSource: ['api'] } },
		placeholder: 'e.g. gpt-4o, llama3.1',
		description:
			'Names of models at the same API, separated by commas. Each takes over when the ones before it fail.',
	},
	{
		displayName: 'Fallback Models',
		name: 'fallbackCount',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'None', value: 0 },
			{ name: 'One', value: 1 },
			{ name: 'Two', value: 2 },
			{ name: 'Three', value: 3 },
		],
		default: 0,
		displayOptions: { show: { modelSource: ['chatModel'] } },
		description:
			'How many more Chat Models to attach. Each takes over when the ones before it fail.',
	},
];

const promptFields: INodeProperties[] = [
	{
		displayName: 'Instructions',
		name: 'instructions',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. You are an experienced support agent of an online shop.',
		description: 'Who the agent is and how it works. The same for all items, as a rule.',
	},
	{
		displayName: 'Task',
		name: 'task',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		required: true,
		placeholder: 'e.g. Classify this ticket: {{ $json.text }}',
		description: 'What the agent should do with the item',
	},
];

const outputFields: INodeProperties[] = [
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Text', value: 'text', description: "The agent's answer as text" },
			{
				name: 'JSON',
				value: 'json',
				description: 'Data in a form you define; checked, and asked for again when it does not fit',
			},
			{
				name: 'One of a List',
				value: 'label',
				description: 'One of the labels you list, with how sure the model is',
			},
			{
				name: 'Output Parser',
				value: 'parser',
				description: 'Whatever the attached Output Parser sub-node reads from the answer',
			},
		],
		default: 'text',
	},
	{
		displayName: 'Define JSON',
		name: 'jsonDefinition',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'By Example', value: 'example' },
			{ name: 'By JSON Schema', value: 'schema' },
		],
		default: 'example',
		displayOptions: { show: { output: ['json'] } },
	},
	{
		displayName: 'JSON Example',
		name: 'jsonExample',
		type: 'json',
		default: '{\n  "category": "billing",\n  "urgent": false\n}',
		displayOptions: { show: { output: ['json'], jsonDefinition: ['example'] } },
		description: 'An example of the wanted data. All its fields are required; types are kept.',
	},
	{
		displayName: 'JSON Schema',
		name: 'jsonSchema',
		type: 'json',
		default:
			'{\n  "type": "object",\n  "properties": {\n    "category": { "type": "string" }\n  },\n  "required": ["category"]\n}',
		displayOptions: { show: { output: ['json'], jsonDefinition: ['schema'] } },
		description: 'A JSON Schema that the answer must fit',
	},
	{
		displayName: 'Labels',
		name: 'labels',
		type: 'string',
		typeOptions: { rows: 4 },
		default: '',
		required: true,
		displayOptions: { show: { output: ['label'] } },
		placeholder: 'e.g. billing: invoices and payments',
		description:
			'One label a line. What stands after a colon tells the agent when the label applies.',
	},
];

/** The fields of Agent Task. */
export const properties: INodeProperties[] = [
	...taskModelFields,
	...promptFields,
	...outputFields,
	...runFields,
	...optionFields,
];
