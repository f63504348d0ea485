import type { INodeProperties } from 'n8n-workflow';

/** In which words to ask, and what the answer is made of. */
export const answerOptions: INodeProperties[] = [
	{
		displayName: 'Max Passages',
		name: 'maxPassages',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 100 },
		displayOptions: { show: { '/output': ['passages'] } },
		default: 10,
		description: 'How many passages to return at most, three of each source',
	},
	{
		displayName: 'Max Sentences',
		name: 'maxSentences',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 50 },
		default: 5,
		description: 'How many sentences the summary has at most',
	},
	{
		displayName: 'Max Sources',
		name: 'maxSources',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 100 },
		default: 10,
		description: 'How many sources to keep, best first',
	},
	{
		displayName: 'Query Variants',
		name: 'maxVariants',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 3 },
		default: 3,
		description: 'In how many wordings to ask, the query itself included',
	},
	{
		displayName: 'Query Variants By',
		name: 'variantsBy',
		type: 'options',
		options: [
			{
				name: 'Chat Model',
				value: 'model',
				description: 'The attached model writes other wordings',
			},
			{
				name: 'Words',
				value: 'words',
				description: 'The keywords of the query and the words of the best results',
			},
		],
		default: 'words',
		description: 'Who finds other wordings of the query',
	},
	{
		displayName: 'Summary By',
		name: 'summaryBy',
		type: 'options',
		options: [
			{
				name: 'Chat Model',
				value: 'model',
				description:
					'The attached model writes sentences with quotes, and every sentence is checked',
			},
			{
				name: 'Quotes',
				value: 'quotes',
				description: 'Sentences of the sources, word for word',
			},
		],
		default: 'quotes',
		description: 'Who writes the summary',
	},
	{
		displayName: 'Unproven Sentences',
		name: 'unproven',
		type: 'options',
		displayOptions: { show: { summaryBy: ['model'] } },
		options: [
			{
				name: 'Drop',
				value: 'drop',
				description: 'Leave them out',
			},
			{
				name: 'Mark',
				value: 'mark',
				description: 'Keep them, followed by [unverified]',
			},
			{
				name: 'Quote Instead',
				value: 'quote',
				description: 'Make the whole summary of quotes, without the model',
			},
			{
				name: 'Repair',
				value: 'repair',
				description: 'Let the model write them once more, and leave out what still fails',
			},
		],
		default: 'drop',
		description: 'What becomes of sentences of the model that their quotes do not bear out',
	},
];
