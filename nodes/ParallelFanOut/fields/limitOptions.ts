import type { INodeProperties } from 'n8n-workflow';

/** What holds tasks back, and how often they are tried. */
export const limitOptions: INodeProperties[] = [
	{
		displayName: 'Adapt Tasks at Once',
		name: 'adaptAtOnce',
		type: 'boolean',
		default: true,
		displayOptions: { hide: { '/work': ['taskGraph'] } },
		description:
			'Whether to begin with a few tasks at once, allow more while all goes well up to Tasks at Once, and fewer when the service refuses (429) or becomes slow',
	},
	{
		displayName: 'At Once per Limit Key',
		name: 'atOncePerKey',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 1,
		displayOptions: { hide: { '/work': ['taskGraph'] } },
		description:
			'How many tasks with the same Limit Key run at the same time, such as one per customer; 0 for no limit',
	},
	{
		displayName: 'First Pause Between Attempts (Seconds)',
		name: 'initialDelaySeconds',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 1,
		description:
			'How long to wait before the second attempt; the pause doubles from attempt to attempt',
	},
	{
		displayName: 'Limit Key',
		name: 'limitKey',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.customer }}',
		displayOptions: { hide: { '/work': ['taskGraph'] } },
		description:
			'Tasks for which this gives the same value count together for At Once per Limit Key',
	},
	{
		displayName: 'Max Attempts per Task',
		name: 'maxAttempts',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 20 },
		default: 3,
		description:
			'How often to try a task that fails. Without this option: 3 for prompts and HTTP requests, 1 for workflows.',
	},
	{
		displayName: 'Needs',
		name: 'needs',
		type: 'json',
		default: '{}',
		placeholder: 'e.g. { "gpu": 1 }',
		displayOptions: { hide: { '/work': ['taskGraph'] } },
		description: 'What each task takes from Resources while it runs, as JSON',
	},
	{
		displayName: 'Priority',
		name: 'priority',
		type: 'options',
		options: [
			{ name: 'Critical', value: 'critical' },
			{ name: 'High', value: 'high' },
			{ name: 'Low', value: 'low' },
			{ name: 'Normal', value: 'normal' },
		],
		default: 'normal',
		displayOptions: { hide: { '/work': ['taskGraph'] } },
		description:
			'Which tasks start first when not all can; use an expression for a priority per task. Waiting raises it, so that nothing waits for ever.',
	},
	{
		displayName: 'Quotas',
		name: 'quotas',
		type: 'json',
		default: '[]',
		placeholder: 'e.g. [{ "key": "agent:research", "maxConcurrent": 2 }]',
		description:
			'How much the tasks of one group may take together, as JSON. The key is a Limit Key; in a task graph it is a kind or agent.',
	},
	{
		displayName: 'Resources',
		name: 'resources',
		type: 'json',
		default: '{}',
		placeholder: 'e.g. { "cpu": 8, "gpu": 1, "licences": 2 }',
		description:
			'What tasks with needs take from, as JSON. These are weights for deciding what may start, not measured use.',
	},
	{
		displayName: 'Starts per Second',
		name: 'startsPerSecond',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 5,
		displayOptions: { hide: { '/work': ['taskGraph'] } },
		description: 'How many tasks may start in a second, evenly spaced; 0 for no limit',
	},
	{
		displayName: 'Time Limit per Task (Seconds)',
		name: 'taskTimeoutSeconds',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 0,
		description: 'How long one attempt of a task may take; 0 for no limit',
	},
	{
		displayName: 'Starts per Task',
		name: 'maxStarts',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 3,
		displayOptions: { show: { '/work': ['subWorkflow'] } },
		description:
			'How often a task may be started in all when n8n is killed while it runs; 1 for tasks that must not happen twice',
	},
	{
		displayName: 'Survive Crashes',
		name: 'surviveCrashes',
		type: 'boolean',
		default: true,
		displayOptions: { show: { '/work': ['subWorkflow'] } },
		description:
			'Whether this execution waits from the start while a hidden one runs the tasks, so that a kill of n8n at any moment needs no Retry. For workflows whose webhook does not wait for the result.',
	},
];
