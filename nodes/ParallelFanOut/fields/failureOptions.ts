import type { INodeProperties } from 'n8n-workflow';

/** What a failed task means for the others. */
export const failureOptions: INodeProperties[] = [
	{
		displayName: 'Default Result',
		name: 'defaultResult',
		type: 'json',
		default: 'null',
		displayOptions: { show: { onTaskFailure: ['useDefault'] } },
		description: 'The result of a task that failed, as JSON',
	},
	{
		displayName: 'Failures Accepted',
		name: 'maxFailures',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		displayOptions: { show: { onTaskFailure: ['threshold'] } },
		description: 'How many tasks may fail before no more are started',
	},
	{
		displayName: 'Failures Accepted (%)',
		name: 'maxFailuresPercent',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 100 },
		default: 10,
		displayOptions: { show: { onTaskFailure: ['threshold'] } },
		description:
			'Which share of all tasks may fail before no more are started; with a number as well, the smaller of both counts',
	},
	{
		displayName: 'Undo With Sub-Workflow',
		name: 'undoWorkflowId',
		type: 'workflowSelector',
		default: '',
		displayOptions: { hide: { '/work': ['taskGraph'] } },
		description:
			'When the whole fails, this workflow gets every completed task, the last one first, as an item with its key, input and result',
	},
	{
		displayName: 'When a Task Fails',
		name: 'onTaskFailure',
		type: 'options',
		options: [
			{
				name: 'Cancel the Rest',
				value: 'cancelRest',
				description: 'Stop the tasks that are running, and start no more',
			},
			{
				name: 'Go On',
				value: 'settle',
				description: 'Do the other tasks; the failed one goes to the Failed output',
			},
			{
				name: 'Go On Until Too Many Failed',
				value: 'threshold',
				description: 'Start no more tasks once more than a number or share of them have failed',
			},
			{
				name: 'Leave It Out',
				value: 'drop',
				description: 'Do the other tasks; the failed one does not come out at all',
			},
			{
				name: 'Start No More',
				value: 'stopStarting',
				description: 'Let the tasks that are running finish, and start no more',
			},
			{
				name: 'Use a Default Result',
				value: 'useDefault',
				description: 'Complete the failed task with a result given here',
			},
		],
		default: 'settle',
		description: 'What a failed task means for the others',
	},
];
