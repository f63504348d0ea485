import type { INodeProperties } from 'n8n-workflow';

/** When the node has what it needs, and what it makes of it. */
export const resultOptions: INodeProperties[] = [
	{
		displayName: 'Combine Results',
		name: 'combine',
		type: 'options',
		options: [
			{
				name: 'Add Up',
				value: 'sum',
				description: 'The sum of numbers, or of each numeric field',
			},
			{
				name: 'Best by Score',
				value: 'best',
				description: 'The result with the highest value in its score field',
			},
			{
				name: 'Do Not Combine',
				value: 'items',
				description: 'One item per task',
			},
			{ name: 'List', value: 'list', description: 'One item with the list of all results' },
			{
				name: 'Merge',
				value: 'merge',
				description: 'One object with the fields of all results; the later one wins',
			},
			{
				name: 'Vote',
				value: 'vote',
				description: 'The most frequent result, with its share of the votes',
			},
		],
		default: 'items',
		displayOptions: { hide: { '/work': ['taskGraph'] } },
		description:
			'How the results of completed tasks become one item. With a list of tasks, one item for every input item.',
	},
	{
		displayName: 'Late Tasks',
		name: 'lateTasks',
		type: 'options',
		options: [
			{
				name: 'Are Cancelled',
				value: 'cancel',
				description: 'They are stopped, and go to the Failed output',
			},
			{
				name: 'Are Delivered Later',
				value: 'deliver',
				description:
					'They go on; the next time that this node runs with the same run key, such as in the next round of a loop, the results that are there by then come out as well',
			},
		],
		default: 'cancel',
		displayOptions: { show: { waitFor: ['deadline'] } },
		description: 'What happens to tasks that are not done in time',
	},
	{
		displayName: 'Result',
		name: 'graphOutput',
		type: 'options',
		options: [
			{ name: 'One Item per Task', value: 'tasks', description: 'Every task with its result' },
			{
				name: 'Result of the Whole',
				value: 'result',
				description: 'One item for each definition: its output, or the results of its last tasks',
			},
		],
		default: 'tasks',
		displayOptions: { show: { '/work': ['taskGraph'] } },
		description: 'What comes out',
	},
	{
		displayName: 'Results Needed',
		name: 'resultsNeeded',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1,
		displayOptions: { show: { waitFor: ['some'] } },
		description: 'How many tasks have to complete; the others are cancelled then',
	},
	{
		displayName: 'Score Field',
		name: 'scoreField',
		type: 'string',
		default: 'score',
		placeholder: 'e.g. confidence',
		displayOptions: { show: { combine: ['best'] } },
		description: 'The field of a result that holds its score, a number',
	},
	{
		displayName: 'Time to Wait (Seconds)',
		name: 'deadlineSeconds',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 20,
		displayOptions: { show: { waitFor: ['deadline'] } },
		description: 'What is not complete by then goes to the Failed output',
	},
	{
		displayName: 'Wait For',
		name: 'waitFor',
		type: 'options',
		options: [
			{ name: 'All Tasks', value: 'all', description: 'Wait until every task has ended' },
			{
				name: 'As Many as Complete in Time',
				value: 'deadline',
				description: 'Take what is there after some seconds',
			},
			{
				name: 'First Result',
				value: 'first',
				description: 'Take the first task that completes, and cancel the rest',
			},
			{
				name: 'Some Results',
				value: 'some',
				description: 'Take the first few tasks that complete, and cancel the rest',
			},
		],
		default: 'all',
		displayOptions: { hide: { '/work': ['taskGraph'] } },
		description: 'When this node has what it needs',
	},
];
