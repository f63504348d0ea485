import type { INodeCredentialDescription } from 'n8n-workflow';

import { storeCredential } from '../shared/runFields';

/** Type name of the credential with which executions are stopped. */
export const EXECUTION_CREDENTIAL = 'agentSwarmExecutionApi';

/** The credentials of the node; n8n's lint reads no list that is put together in place. */
export const credentials: INodeCredentialDescription[] = [
	{
		name: 'agentSwarmModelApi',
		required: true,
		displayOptions: { show: { work: ['agentPrompt', 'taskGraph'], modelSource: ['api'] } },
	},
	{
		name: EXECUTION_CREDENTIAL,
		required: true,
		displayOptions: { show: { work: ['subWorkflow'], cancelledSubWorkflows: ['stop'] } },
	},
	storeCredential,
];
