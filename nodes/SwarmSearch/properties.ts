import type { INodeProperties } from 'n8n-workflow';

import { runFields } from '../shared/runFields';

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
	{
		displayName: 'Engines',
		name: 'engines',
		type: 'multiOptions',
		options: [
			{
				name: 'Input Documents',
				value: 'documents',
				description: 'Documents that the workflow already has; nothing leaves n8n',
			},
			{
				name: 'Wikipedia',
				value: 'wikipedia',
				description: 'The introductions of articles; needs no key',
			},
		],
		default: ['documents'],
		description: 'Where to search; all engines are asked at the same time',
	},
	{
		displayName: 'Documents',
		name: 'documents',
		type: 'string',
		default: '={{ $json.documents }}',
		required: true,
		typeOptions: { rows: 3 },
		displayOptions: { show: { engines: ['documents'] } },
		hint: 'A text, or a list of texts or of objects with title, URL and text',
		description:
			'What to search: a text, a list of texts, or a list of objects with text and optional title, URL and publishedAt',
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		noDataExpression: true,
		options: [
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
	...runFields,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
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
				displayName: 'Results per Engine',
				name: 'resultsPerEngine',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 50 },
				default: 10,
				description: 'How many results to ask each engine for, each time',
			},
			{
				displayName: 'Time Limit per Engine (Seconds)',
				name: 'timeoutSeconds',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 8,
				description: 'How long to wait for one answer of an engine',
			},
			{
				displayName: 'Wikipedia API URL',
				name: 'wikipediaApiUrl',
				type: 'string',
				default: '',
				placeholder: 'e.g. https://wiki.example.com/w/api.php',
				description: 'The API of another MediaWiki to search in the place of Wikipedia',
			},
			{
				displayName: 'Wikipedia Language',
				name: 'wikipediaLanguage',
				type: 'string',
				default: 'en',
				placeholder: 'e.g. de',
				description: 'Which Wikipedia to search, as in its address',
			},
		],
	},
];
