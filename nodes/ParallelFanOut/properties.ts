import type { INodeProperties } from 'n8n-workflow';

import { runFields } from '../shared/runFields';
import { optionFields } from './optionFields';

const forWork = (...work: string[]) => ({ show: { work } });

/** What each task does. */
const workFields: INodeProperties[] = [
	{
		displayName: 'Work',
		name: 'work',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Agent Prompt',
				value: 'agentPrompt',
				description: 'Each task is a prompt to a chat model; the fastest, runs inside this node',
			},
			{
				name: 'HTTP Request',
				value: 'httpRequest',
				description: 'Each task is a call of a web service; runs inside this node',
			},
			{
				name: 'Sub-Workflow',
				value: 'subWorkflow',
				description: 'Each task is an execution of another workflow',
			},
			{
				name: 'Webhook Workers',
				value: 'webhookWorkers',
				description:
					'Each task is an execution of a published workflow, started through its Webhook trigger; in queue mode, tasks spread over all workers',
			},
		],
		default: 'agentPrompt',
		description: 'What each task does',
	},
	{
		displayName: 'Sub-Workflow',
		name: 'workflowId',
		type: 'workflowSelector',
		required: true,
		default: '',
		displayOptions: forWork('subWorkflow'),
		description: 'The workflow to run once per task',
		hint: 'It has to start with a When Executed by Another Workflow trigger, and has to be published to run in production',
	},
];

const webhookFields: INodeProperties[] = [
	{
		displayName: 'Webhook URL',
		name: 'webhookUrl',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://n8n.example.com/webhook/worker',
		displayOptions: forWork('webhookWorkers'),
		description:
			'Production address of the Webhook trigger (method POST, Respond: When Last Node Finishes) of the workflow that does the work',
		hint: 'Each task posts its item there; the response is its result',
	},
];

const modelFields: INodeProperties[] = [
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
		displayOptions: forWork('agentPrompt'),
	},
	{
		displayName: 'Model',
		name: 'model',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		required: true,
		displayOptions: { show: { work: ['agentPrompt'], modelSource: ['api'] } },
		description: 'The model that works on the tasks',
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

/** Where the tasks come from, and what an agent is told. */
const promptFields: INodeProperties[] = [
	{
		displayName: 'Tasks',
		name: 'tasksFrom',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'One per Input Item',
				value: 'items',
				description: 'The same prompt for every item, with expressions for what differs',
			},
			{
				name: 'List for Every Input Item',
				value: 'list',
				description: 'Several different prompts, such as one per role, for each item',
			},
		],
		default: 'items',
		displayOptions: forWork('agentPrompt'),
		description: 'Where the tasks come from',
	},
	{
		displayName: 'Instructions',
		name: 'instructions',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. You are a careful editor. Answer in plain English.',
		displayOptions: { show: { work: ['agentPrompt'], tasksFrom: ['items'] } },
		description: 'The role of the agent and how it should answer',
	},
	{
		displayName: 'Task',
		name: 'task',
		type: 'string',
		typeOptions: { rows: 4 },
		required: true,
		default: '',
		placeholder: 'e.g. Summarize in three sentences: {{ $json.text }}',
		displayOptions: { show: { work: ['agentPrompt'], tasksFrom: ['items'] } },
		description: 'What the agent should do',
	},
	{
		displayName: 'Tasks',
		name: 'taskList',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		placeholder: 'Add Task',
		default: {},
		required: true,
		displayOptions: { show: { work: ['agentPrompt'], tasksFrom: ['list'] } },
		description: 'The tasks to do for every input item, all at the same time',
		options: [
			{
				displayName: 'Task',
				name: 'tasks',
				values: [
					{
						displayName: 'Name',
						name: 'name',
						type: 'string',
						required: true,
						default: '',
						placeholder: 'e.g. Critic',
						description: 'Names the task in the output; every task needs a name of its own',
					},
					{
						displayName: 'Instructions',
						name: 'instructions',
						type: 'string',
						typeOptions: { rows: 2 },
						default: '',
						placeholder: 'e.g. You look for weak points in an argument.',
						description: 'The role of the agent and how it should answer',
					},
					{
						displayName: 'Task',
						name: 'task',
						type: 'string',
						typeOptions: { rows: 3 },
						required: true,
						default: '',
						placeholder: 'e.g. What is missing in this brief? {{ $json.summary }}',
						description: 'What the agent should do',
					},
				],
			},
		],
	},
];

const httpFields: INodeProperties[] = [
	{
		displayName: 'Method',
		name: 'method',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'DELETE', value: 'DELETE' },
			{ name: 'GET', value: 'GET' },
			{ name: 'PATCH', value: 'PATCH' },
			{ name: 'POST', value: 'POST' },
			{ name: 'PUT', value: 'PUT' },
		],
		default: 'GET',
		displayOptions: forWork('httpRequest'),
	},
	{
		displayName: 'URL',
		name: 'url',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://api.example.com/orders/{{ $json.number }}',
		displayOptions: forWork('httpRequest'),
		description: 'Where to send the request of each task',
		hint: 'For a service that needs a credential, use a sub-workflow with an HTTP Request node',
	},
	{
		displayName: 'Body',
		name: 'body',
		type: 'json',
		default: '',
		placeholder: 'e.g. {{ $json }}',
		displayOptions: { show: { work: ['httpRequest'], method: ['PATCH', 'POST', 'PUT'] } },
		description: 'What to send, as JSON; nothing when empty',
	},
];

const atOnce: INodeProperties = {
	displayName: 'Tasks at Once',
	name: 'atOnce',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 10,
	description: 'How many tasks run at the same time; the others wait for their turn',
};

/** The fields of the node, in the order of the panel. */
export const properties: INodeProperties[] = [
	// Makes n8n sign the address at which a waiting node is told about its sub-workflows.
	{ displayName: 'Operation', name: 'operation', type: 'hidden', default: 'sendAndWait' },
	...workFields,
	...webhookFields,
	...modelFields,
	...promptFields,
	...httpFields,
	atOnce,
	...runFields,
	optionFields,
];
