import type { INodeProperties } from 'n8n-workflow';

import { storeField } from '../shared/runFields';

/** The fields of the node, in the order of the panel. */
export const properties: INodeProperties[] = [
	{
		displayName: 'Path',
		name: 'path',
		type: 'string',
		default: 'agent-runs',
		required: true,
		placeholder: 'e.g. agent-runs',
		description: 'Where the page is, below the address of the webhooks of this n8n',
	},
	{
		displayName: 'Authentication',
		name: 'authentication',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Basic Auth',
				value: 'basicAuth',
				description: 'Browsers ask for the name and the password',
			},
			{
				name: 'Header Auth',
				value: 'headerAuth',
				description: 'For a page behind a proxy that adds the header',
			},
			{ name: 'None', value: 'none', description: 'Whoever reaches the address sees every run' },
		],
		default: 'basicAuth',
		description: 'Who may see the page',
	},
	storeField,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			{
				displayName: 'Answers',
				name: 'answers',
				type: 'boolean',
				default: false,
				description:
					'Whether questions of the steps of stored workflows can be answered on the page. Each gets a link, which is a key: whoever has it may answer that question. An answer starts this workflow; connect Agent Workflow, Answer Review.',
			},
			{
				displayName: 'Owner',
				name: 'owner',
				type: 'string',
				typeOptions: { password: true },
				default: '',
				description: 'Shows only the executions of this caller. Empty: every run.',
			},
			{
				displayName: 'Review Links',
				name: 'reviewLinks',
				type: 'boolean',
				default: false,
				description:
					'Whether open reviews are shown with the links of their reviewers. The links are keys: whoever may see the page can then decide in their names.',
			},
		],
	},
];
