import type { INodeProperties } from 'n8n-workflow';

import { numberField, textField } from '../../shared/fields';

const limits: INodeProperties[] = [
	{
		displayName: 'Of',
		name: 'unit',
		type: 'options',
		options: [
			{ name: 'Cost (US Dollars)', value: 'costUsd' },
			{ name: 'Minutes of Model Time', value: 'minutes' },
			{ name: 'Model Calls', value: 'calls' },
			{ name: 'Tokens', value: 'tokens' },
		],
		default: 'costUsd',
	},
	numberField({
		displayName: 'At Most',
		name: 'hard',
		default: 1,
		description: 'Where no more calls are made',
	}),
	{
		displayName: 'For',
		name: 'scope',
		type: 'options',
		options: [
			{
				name: 'Whole Run',
				value: 'run',
				description: 'Everything under the same run key, also in other nodes',
			},
			{ name: 'Each Item', value: 'item', description: 'Every item has its own' },
		],
		default: 'run',
	},
	numberField({
		displayName: 'Finish Soon At (Percent)',
		name: 'softPercent',
		min: 1,
		max: 100,
		default: 90,
		description: 'When this much is used, the agent is told to call no more tools and to answer',
	}),
];

const price = (displayName: string, name: string, what: string): INodeProperties =>
	numberField({
		displayName,
		name,
		precision: 4,
		default: 0,
		description: `US dollars per million ${what} tokens`,
	});

/** How much may be used, and what things cost. */
export const budgetOptions: INodeProperties[] = [
	{
		displayName: 'Budget',
		name: 'budget',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		default: {},
		placeholder: 'Add Limit',
		description:
			'How much may be used. Each call is set aside before it is made, so that calls at the same time do not exceed it together.',
		options: [{ displayName: 'Limit', name: 'limits', values: limits }],
	},
	{
		displayName: 'Prices',
		name: 'prices',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		default: {},
		placeholder: 'Add Price',
		description:
			'What models cost, where that differs from the built-in list. Costs of models without a price are not known and not limited.',
		options: [
			{
				displayName: 'Price',
				name: 'models',
				values: [
					textField({
						displayName: 'Model',
						name: 'model',
						placeholder: 'e.g. gpt-4o-mini',
						description: 'Beginning of the name of the model',
					}),
					price('Input', 'input', 'input'),
					price('Output', 'output', 'output'),
				],
			},
		],
	},
	{
		displayName: 'When Budget Ends',
		name: 'onBudget',
		type: 'options',
		options: [
			{
				name: 'Give What There Is',
				value: 'partial',
				description: 'Text that was written so far is the output; without any, the item fails',
			},
			{ name: 'Fail', value: 'fail', description: 'As if the task had failed' },
		],
		default: 'partial',
		description: 'What happens to an item that may not make the call it needs',
	},
];
