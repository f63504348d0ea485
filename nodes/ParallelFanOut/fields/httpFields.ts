import type { INodeProperties } from 'n8n-workflow';

import { forWork } from './forWork';

/** What an HTTP request sends, and where to. */
export const httpFields: INodeProperties[] = [
	{
		displayName: 'Method',
		name: 'method',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'DELETE', value: 'DELETE' },
			{ name: 'GET', value: 'GET' },
			{ name: 'PATCH', value: 'PATCH' },
			{ name: 'POST', value: 'POST' },
			{ name: 'PUT', value: 'PUT' },
		],
		default: 'GET',
		displayOptions: forWork('httpRequest'),
	},
	{
		displayName: 'URL',
		name: 'url',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. https://api.example.com/orders/{{ $json.number }}',
		displayOptions: forWork('httpRequest'),
		description: 'Where to send the request of each task',
		hint: 'For a service that needs a credential, use a sub-workflow with an HTTP Request node',
	},
	{
		displayName: 'Body',
		name: 'body',
		type: 'json',
		default: '',
		placeholder: 'e.g. {{ $json }}',
		displayOptions: { show: { work: ['httpRequest'], method: ['PATCH', 'POST', 'PUT'] } },
		description: 'What to send, as JSON; nothing when empty',
	},
];
