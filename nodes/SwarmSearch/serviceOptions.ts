import type { INodeProperties } from 'n8n-workflow';

import { WITH_FIELDS, engineOptions } from './engineList';

/** Where engines are, and which of them wait in reserve. */
export const serviceOptions: INodeProperties[] = [
	{
		displayName: 'Engine URLs',
		name: 'engineUrls',
		type: 'json',
		default: '{}',
		description:
			'Other addresses to ask, such as mirrors or proxies, by engine: {"crossref": "https://…"}',
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
];
