import type { INodeProperties } from 'n8n-workflow';

import { countField, numberField, textField } from '../../shared/fields';

const qualityGate: INodeProperties = {
	displayName: 'Quality Gate',
	name: 'qualityGate',
	type: 'fixedCollection',
	default: {},
	placeholder: 'Add Quality Gate',
	description: 'Lets a model judge each answer, and the agent improve it until it is good enough',
	options: [
		{
			displayName: 'Gate',
			name: 'gate',
			values: [
				textField({
					displayName: 'Criteria',
					name: 'criteria',
					rows: 3,
					placeholder: 'e.g. Friendly, at most 120 words, answers every question',
					description: 'What a good answer is',
				}),
				{
					displayName: 'Judge',
					name: 'judge',
					type: 'options',
					options: [
						{ name: 'First Model', value: 'first', description: 'The model that answers' },
						{
							name: 'Last Fallback Model',
							value: 'last',
							description: 'Another model, so that none judges itself',
						},
					],
					default: 'first',
					description: 'Which model judges',
				},
				countField({
					displayName: 'Rounds',
					name: 'maxRounds',
					max: 10,
					default: 3,
					description: 'How many answers are judged at most. The best one is used.',
				}),
				numberField({
					displayName: 'Threshold',
					name: 'threshold',
					max: 1,
					precision: 2,
					default: 0.8,
					description: 'Score from which an answer is good enough, from 0 to 1',
				}),
			],
		},
	],
};

/** What the answer must be like, and how it is given. */
export const answerOptions: INodeProperties[] = [
	{
		displayName: 'Details',
		name: 'details',
		type: 'options',
		options: [
			{
				name: 'All',
				value: 'all',
				description: 'Also tokens, cost, model, attempts, tool calls and where it is recorded',
			},
			{
				name: 'Answer Only',
				value: 'answer',
				description: 'Output, outcome and confidence; the run keeps the rest',
			},
		],
		default: 'all',
		description: 'How much each output item tells of what the answer took',
	},
	{
		displayName: 'Enable Streaming',
		name: 'streaming',
		type: 'boolean',
		default: true,
		description:
			'Whether to send the answer piece by piece when the trigger answers as a stream. For Output = Text.',
	},
	textField({
		displayName: 'Forbidden in Answers',
		name: 'forbiddenOutput',
		rows: 2,
		placeholder: 'e.g. competitor name',
		description:
			'Words, phrases or /patterns/ that answers must not hold, one a line. The agent is asked again, then the item fails.',
	}),
	textField({
		displayName: 'Forbidden in Tasks',
		name: 'forbiddenInput',
		rows: 2,
		placeholder: 'e.g. /\\b\\d{16}\\b/',
		description:
			'Words, phrases or /patterns/ that must not reach a model, one a line. An item that holds one fails before any call.',
	}),
	{
		displayName: 'Keep Instructions Secret',
		name: 'keepSecret',
		type: 'boolean',
		default: false,
		description:
			'Whether to hold back answers that repeat a long piece of the instructions or rules',
	},
	textField({
		displayName: 'Links Only To',
		name: 'linksOnlyTo',
		placeholder: 'e.g. example.com, docs.example.org',
		description:
			'Hosts that answers may link to, separated by commas. Leave empty to allow all links.',
	}),
	countField({
		displayName: 'Max Output Tokens',
		name: 'maxOutputTokens',
		default: 1024,
		description: 'How long an answer may be. Only for Model Source = API Credential.',
	}),
	numberField({
		displayName: 'Max Repairs',
		name: 'maxRepairs',
		max: 10,
		default: 2,
		description: 'How often to ask again when an answer does not have the wanted form',
	}),
	qualityGate,
	textField({
		displayName: 'Rules',
		name: 'rules',
		rows: 4,
		placeholder: 'e.g. - Never promise a refund',
		description: 'Rules that the agent keeps, in Markdown',
	}),
	numberField({
		displayName: 'Temperature',
		name: 'temperature',
		max: 2,
		precision: 1,
		default: 0.7,
		description:
			'How much answers vary: 0 is the most predictable. Only for Model Source = API Credential.',
	}),
];
