import type { INodeProperties } from 'n8n-workflow';

/** What results have to be. Engines are told what they understand; the output says who saw to it. */
export const filterFields: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	description: 'What the results have to be',
	options: [
		{
			displayName: 'Country',
			name: 'country',
			type: 'string',
			default: '',
			placeholder: 'e.g. AT',
			description: 'The country to search from, in two letters',
		},
		{
			displayName: 'Exclude Domains',
			name: 'excludeDomains',
			type: 'string',
			default: '',
			placeholder: 'e.g. example.com, example.net',
			description: 'Domains to leave out, with those below them',
		},
		{
			displayName: 'Include Domains',
			name: 'includeDomains',
			type: 'string',
			default: '',
			placeholder: 'e.g. europa.eu, who.int',
			description: 'The only domains to search, with those below them',
		},
		{
			displayName: 'Language',
			name: 'language',
			type: 'string',
			default: '',
			placeholder: 'e.g. de',
			description: 'The language of the results, in two letters',
		},
		{
			displayName: 'Published After',
			name: 'publishedAfter',
			type: 'dateTime',
			default: '',
			description: 'The first day that counts',
		},
		{
			displayName: 'Published Before',
			name: 'publishedBefore',
			type: 'dateTime',
			default: '',
			description: 'The last day that counts',
		},
		{
			displayName: 'Recency',
			name: 'recency',
			type: 'options',
			options: [
				{ name: 'Past Day', value: 'day' },
				{ name: 'Past Month', value: 'month' },
				{ name: 'Past Week', value: 'week' },
				{ name: 'Past Year', value: 'year' },
			],
			default: 'week',
			description: 'How long ago the results may have been published',
		},
	],
};
