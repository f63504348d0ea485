import type { INodeCredentialDescription } from 'n8n-workflow';

import { storeCredential } from '../shared/runFields';

/** The credentials of Agent Task: of the API, if it calls one itself, and of the store. */
export const credentials: INodeCredentialDescription[] = [
	{
		name: 'agentSwarmModelApi',
		required: true,
		displayOptions: { show: { modelSource: ['api'] } },
	},
	storeCredential,
];
