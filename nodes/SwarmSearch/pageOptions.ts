import type { INodeProperties } from 'n8n-workflow';

/** Which pages of the results are opened. */
export const pageOptions: INodeProperties[] = [
	{
		displayName: 'Allow Private Pages',
		name: 'allowPrivatePages',
		type: 'boolean',
		default: false,
		description:
			'Whether pages outside the public internet, such as those of an intranet, may be opened. Only for engines that you trust.',
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
		displayName: 'Respect Robots.txt',
		name: 'respectRobots',
		type: 'boolean',
		default: false,
		description: 'Whether to leave pages unread that the robots.txt of their site closes',
	},
];
