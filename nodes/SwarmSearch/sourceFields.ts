import type { INodeProperties } from 'n8n-workflow';

import { engineOptions } from './engineList';

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

/** Where to search, and what some engines have to be told. */
export const sourceFields: INodeProperties[] = [
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
];
