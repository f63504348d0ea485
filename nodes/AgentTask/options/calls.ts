import type { INodeProperties } from 'n8n-workflow';

import { countField, numberField, secondsField } from '../../shared/fields';

/** How models are called: how often, how fast and how long. */
export const callOptions: INodeProperties[] = [
	numberField({
		displayName: 'Cache Answers For (Minutes)',
		name: 'cacheMinutes',
		default: 60,
		description:
			'How long the answer to exactly the same question to the same model may be used again. Nothing is called or paid for then.',
	}),
	countField({
		displayName: 'Items at Once',
		name: 'itemsAtOnce',
		default: 5,
		description: 'How many items to work on at the same time',
	}),
	{
		displayName: 'Log Model Calls',
		name: 'logModelCalls',
		type: 'options',
		options: [
			{ name: 'Always', value: 'always' },
			{
				name: 'In Manual Executions',
				value: 'manual',
				description: 'While you build; executions in production stay small and quick',
			},
			{ name: 'Never', value: 'never' },
		],
		default: 'manual',
		displayOptions: { show: { '/modelSource': ['chatModel'] } },
		description:
			'When to keep the prompt and answer of each call in the execution, at the attached Chat Model. Tokens and cost are in the output in any case.',
	},
	countField({
		displayName: 'Max Attempts',
		name: 'maxAttempts',
		max: 10,
		default: 3,
		description:
			'How often to try each model call before the next model takes over or the item fails, the first time included',
	}),
	secondsField({
		displayName: 'Pause Between Attempts',
		name: 'initialDelaySeconds',
		default: 1,
		description:
			'Pause before the second attempt. It doubles with each attempt and varies by chance. A longer pause that the service asks for is kept.',
	}),
	numberField({
		displayName: 'Requests per Minute',
		name: 'requestsPerMinute',
		default: 60,
		description:
			'How many model calls may start in a minute, shared by all nodes with the same limit and model. 0 means no limit.',
	}),
	secondsField({
		displayName: 'Timeout per Attempt',
		name: 'attemptTimeoutSeconds',
		default: 120,
		description: 'How long one model call may take',
	}),
	secondsField({
		displayName: 'Timeout per Item',
		name: 'totalTimeoutSeconds',
		default: 600,
		description: 'How long all model calls of one item may take, with their pauses',
	}),
	secondsField({
		displayName: 'Timeout Without Activity',
		name: 'idleTimeoutSeconds',
		default: 30,
		description: 'How long a model may send nothing while it answers. Turns streaming on.',
	}),
];
