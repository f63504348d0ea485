import type { INodeProperties } from 'n8n-workflow';

import { leaveBodyField } from '../HumanReview/properties';
import { storeField } from '../shared/runFields';

/** The fields of the node, in the order of the panel. */
export const properties: INodeProperties[] = [
	{
		displayName:
			'Publish this workflow once, and put the production URL into the option Review Page URL of Human Review nodes. Their links then also show receipts after the workflow has gone on.',
		name: 'notice',
		type: 'notice',
		default: '',
	},
	{
		displayName: 'Path',
		name: 'path',
		type: 'string',
		default: 'reviews',
		required: true,
		placeholder: 'e.g. reviews',
		description: 'The last part of the address',
	},
	{
		...storeField,
		description: 'Where the reviews are kept: the same store as that of the Human Review nodes',
	},
	leaveBodyField,
];
