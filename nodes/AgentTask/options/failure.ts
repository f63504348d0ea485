import type { INodeProperties } from 'n8n-workflow';

/** What becomes of an item whose task did not work. */
export const failureOptions: INodeProperties[] = [
	{
		displayName: 'Default Value',
		name: 'defaultValue',
		type: 'json',
		default: 'null',
		displayOptions: { show: { onExhausted: ['default'] } },
		description: 'Output of an item whose task did not work, as JSON',
	},
	{
		displayName: 'When It Fails',
		name: 'onExhausted',
		type: 'options',
		options: [
			{ name: 'Fail', value: 'fail', description: 'The item fails, following On Error' },
			{ name: 'Use Default Value', value: 'default', description: 'The item goes on with a value' },
			{
				name: 'Hand to a Person',
				value: 'person',
				description: 'The item leaves by the output Needs a Person, and can come back',
			},
		],
		default: 'fail',
		description: 'What happens to an item after all attempts and models',
	},
];
