import type { INodeProperties } from 'n8n-workflow';

import { runFields } from '../shared/runFields';
import { answerOptions } from './answerOptions';
import { filterFields } from './filterFields';
import { limitOptions } from './limitOptions';
import { pageOptions } from './pageOptions';
import { serviceOptions } from './serviceOptions';
import { sourceFields } from './sourceFields';

/** Options in the order in which n8n shows them everywhere: by their names. */
const options = [...answerOptions, ...limitOptions, ...pageOptions, ...serviceOptions].sort(
	(first, second) => first.displayName.localeCompare(second.displayName),
);

/** The fields of the node, in the order of the panel. */
export const properties: INodeProperties[] = [
	{
		displayName: 'Query',
		name: 'query',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. What does a four-day week do to productivity?',
		description: 'The question to answer, or the words to look for',
	},
	...sourceFields,
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'One Item per Passage',
				value: 'passages',
				description: 'The stretches of the sources that answer best, word for word',
			},
			{
				name: 'One Item per Query',
				value: 'report',
				description: 'The summary with its citations, the sources and how each engine did',
			},
			{
				name: 'One Item per Source',
				value: 'sources',
				description: 'Each source found, best first',
			},
		],
		default: 'report',
	},
	filterFields,
	...runFields,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options,
	},
];
