import type { INodeProperties } from 'n8n-workflow';

import { runFields } from '../shared/runFields';
import { WITH_FIELDS, engineOptions } from './engineList';
import { filterFields } from './filterFields';

/** A description to start from. */
const CUSTOM_EXAMPLE = `{
  "name": "My Search",
  "url": "https://search.example.com/api",
  "query": { "q": "{{ query }}", "count": "{{ limit }}" },
  "results": "results",
  "link": "url",
  "title": "title",
  "text": "snippet"
}`;

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
		options: engineOptions(),
		default: ['documents'],
		description:
			'Where to search; all engines are asked at the same time. Keys of engines are in the credential.',
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
		displayName: 'SearXNG URL',
		name: 'searxngUrl',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. http://searxng:8080',
		displayOptions: { show: { engines: ['searxng'] } },
		description: 'The address of the instance, whose settings must allow the format JSON',
	},
	{
		displayName: 'Custom Engine',
		name: 'customEngine',
		type: 'json',
		default: CUSTOM_EXAMPLE,
		required: true,
		typeOptions: { rows: 10 },
		displayOptions: { show: { engines: ['custom'] } },
		hint: '{{ query }} stands for the words to look for, {{ limit }} for the number of results',
		description:
			'How to ask the service, and where in its answer the results are. With a body the request is a POST.',
	},
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
		options: [
			{
				displayName: 'Allow Private Pages',
				name: 'allowPrivatePages',
				type: 'boolean',
				default: false,
				description:
					'Whether pages outside the public internet, such as those of an intranet, may be opened. Only for engines that you trust.',
			},
			{
				displayName: 'Answer Within (Seconds)',
				name: 'deadlineSeconds',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 3600 },
				default: 20,
				description:
					'When to answer with what was found until then; engines and pages that are slower are not waited for. 0 waits for all.',
			},
			{
				displayName: 'Attempts per Call',
				name: 'attemptsPerEngine',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 5 },
				default: 2,
				description: 'How often to try a call of an engine that fails for a reason that may pass',
			},
			{
				displayName: 'Cache Lifetime (Minutes)',
				name: 'cacheMinutes',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 0,
				description:
					'How long the store remembers what an engine answered, for the same words and filters. 0 asks each time.',
			},
			{
				displayName: 'Engine URLs',
				name: 'engineUrls',
				type: 'json',
				default: '{}',
				description:
					'Other addresses to ask, such as mirrors or proxies, by engine: {"crossref": "https://…"}',
			},
			{
				displayName: 'Enough Engines',
				name: 'enoughEngines',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 0,
				description:
					'How many engines with results are enough to go on without the others. 0 waits for all.',
			},
			{
				displayName: 'Max Calls',
				name: 'maxCalls',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 0,
				description:
					'How many calls of engines one search may make, repeated attempts included. 0 sets no limit.',
			},
			{
				displayName: 'Max Cost (USD)',
				name: 'maxCostUsd',
				type: 'number',
				typeOptions: { minValue: 0, numberPrecision: 4 },
				default: 0,
				description:
					'What the calls of one search may cost, by the price lists of the engines and about. 0 sets no limit.',
			},
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
				displayName: 'Pages to Read',
				name: 'maxPages',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 20 },
				default: 0,
				description:
					'How many pages of the best results to open and quote from; with 0 only what the engines say is quoted',
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
				displayName: 'Respect Robots.txt',
				name: 'respectRobots',
				type: 'boolean',
				default: false,
				description: 'Whether to leave pages unread that the robots.txt of their site closes',
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
				displayName: 'Stack Exchange Site',
				name: 'stackExchangeSite',
				type: 'string',
				default: 'stackoverflow',
				placeholder: 'e.g. superuser',
				description: 'Which site of the network to search, as its API names it',
			},
			{
				displayName: 'Standby Engines',
				name: 'standbyEngines',
				type: 'multiOptions',
				options: engineOptions((engine) => !WITH_FIELDS.includes(engine)),
				default: [],
				description: 'Asked only when one of the engines fails or is slow, and named in the output',
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
				displayName: 'Time Limit per Engine (Seconds)',
				name: 'timeoutSeconds',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 8,
				description: 'How long to wait for one answer of an engine',
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
