import type { INodeProperties } from 'n8n-workflow';

/** How input items become tasks. */
export const taskOptions: INodeProperties[] = [
	{
		displayName: 'Group Items By',
		name: 'groupBy',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.customer }}',
		displayOptions: { show: { '/work': ['subWorkflow', 'webhookWorkers'] } },
		description: 'Items for which this gives the same value go to the same execution',
	},
	{
		displayName: 'Headers',
		name: 'headers',
		type: 'json',
		default: '{}',
		placeholder: 'e.g. { "accept": "application/json" }',
		displayOptions: { show: { '/work': ['httpRequest'] } },
		description: 'Headers to send with each request, as JSON',
	},
	{
		displayName: 'Items per Task',
		name: 'itemsPerTask',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1,
		displayOptions: { show: { '/work': ['subWorkflow', 'webhookWorkers'] } },
		description: 'How many input items each execution gets',
	},
	{
		displayName: 'Task Input',
		name: 'taskInput',
		type: 'json',
		default: '={{ $json }}',
		placeholder: 'e.g. {{ { "order": $json.number } }}',
		displayOptions: { show: { '/work': ['subWorkflow', 'webhookWorkers'] } },
		description:
			'What each execution is given instead of its input items, as JSON: an object, or a list of objects for several items',
	},
	{
		displayName: 'Task Key',
		name: 'taskKey',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.orderNumber }}',
		description: 'A name for each task, to tell the results apart. Without it, tasks are numbered.',
	},
];
