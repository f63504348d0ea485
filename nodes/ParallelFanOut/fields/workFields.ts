import type { INodeProperties } from 'n8n-workflow';

import { forWork } from './forWork';

/** What each task does. */
export const workFields: INodeProperties[] = [
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
				name: 'Task Graph',
				value: 'taskGraph',
				description:
					'Tasks that depend on each other, as JSON or as items: prompts, HTTP calls and sub-workflows',
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

/** What becomes of sub-workflows that nobody needs any more. */
export const cancelFields: INodeProperties[] = [
	{
		displayName: 'Cancelled Sub-Workflows',
		name: 'cancelledSubWorkflows',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Are Stopped',
				value: 'stop',
				description: 'Through the public API of this n8n, with an API key as credential',
			},
			{
				name: 'Go On',
				value: 'goOn',
				description: 'They come to their end, and their results are ignored',
			},
		],
		default: 'goOn',
		displayOptions: forWork('subWorkflow'),
		description:
			'What happens to sub-workflows that run or wait when this execution is stopped, or a join or failure cancels them',
	},
];

/** Which workflow does the work of Webhook Workers. */
export const webhookFields: INodeProperties[] = [
	{
		displayName: 'Results',
		name: 'resultsBy',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'By Call-Back',
				value: 'callback',
				description:
					'The workflow posts its result to an address that comes in a header of its call; it may take days, and this execution waits without holding a process',
			},
			{
				name: 'In the Response',
				value: 'response',
				description: 'The workflow answers its webhook with the result',
			},
		],
		default: 'response',
		displayOptions: forWork('webhookWorkers'),
		description: 'How the result of a task comes back',
	},
	{
		displayName: 'Webhook URL',
		name: 'webhookUrl',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://n8n.example.com/webhook/worker',
		displayOptions: forWork('webhookWorkers'),
		description:
			'Production address of the Webhook trigger (method POST) of the workflow that does the work. For results in the response, let it respond when the last node finishes; for call-backs, immediately.',
		hint: 'Each task posts its item there',
	},
];
