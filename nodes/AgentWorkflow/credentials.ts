import type { INodeCredentialDescription } from 'n8n-workflow';

import { storeCredential } from '../shared/runFields';
import { RUNNING_OPERATIONS } from './running';

/** The credentials: of the API, if the node calls one itself, and of the store. */
export const credentials: INodeCredentialDescription[] = [
	{
		name: 'agentSwarmModelApi',
		required: true,
		displayOptions: {
			show: { modelSource: ['api'], resource: ['execution'], operation: [...RUNNING_OPERATIONS] },
		},
	},
	storeCredential,
];
