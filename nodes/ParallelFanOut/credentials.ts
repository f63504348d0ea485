import type { INodeCredentialDescription } from 'n8n-workflow';

import { storeCredential } from '../shared/runFields';

/** The credentials of the node; n8n's lint reads no list that is put together in place. */
export const credentials: INodeCredentialDescription[] = [
	{
		name: 'agentSwarmModelApi',
		required: true,
		displayOptions: { show: { work: ['agentPrompt', 'taskGraph'], modelSource: ['api'] } },
	},
	storeCredential,
];
