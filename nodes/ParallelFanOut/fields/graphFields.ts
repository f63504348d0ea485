import type { INodeProperties } from 'n8n-workflow';

import { forWork } from './forWork';

/** The tasks of a graph. */
export const graphFields: INodeProperties[] = [
	{
		displayName: 'Tasks',
		name: 'graphFrom',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Defined as JSON',
				value: 'definition',
				description: 'The same tasks for every input item, which is what they work on',
			},
			{
				name: 'One per Input Item',
				value: 'items',
				description: 'Each item is a task with an ID and the IDs of the tasks it depends on',
			},
		],
		default: 'definition',
		displayOptions: forWork('taskGraph'),
		description: 'Where the tasks come from',
	},
	{
		displayName: 'Definition',
		name: 'definition',
		type: 'json',
		typeOptions: { rows: 12 },
		required: true,
		default:
			'{\n  "steps": [\n    { "id": "first", "type": "agent_task", "task": "…" },\n    { "id": "second", "type": "agent_task", "task": "…", "depends_on": ["first"] }\n  ]\n}',
		displayOptions: { show: { work: ['taskGraph'], graphFrom: ['definition'] } },
		description: 'The tasks and what they depend on, as JSON',
		hint: 'In texts, {{ input }} is the input item and {{ steps.first.output }} the result of another task',
	},
	{
		displayName: 'Sub-Workflow for Items Without a Type',
		name: 'itemWorkflowId',
		type: 'workflowSelector',
		default: '',
		displayOptions: { show: { work: ['taskGraph'], graphFrom: ['items'] } },
		description:
			'The workflow that does the tasks of items that do not say what they do. It gets the item, and in "results" the results of the tasks it depends on.',
	},
];
