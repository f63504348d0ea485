import type { INodeProperties } from 'n8n-workflow';

import { forWork } from './forWork';

/** Where the tasks come from, and what an agent is told. */
export const promptFields: INodeProperties[] = [
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
