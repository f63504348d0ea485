import type {
	IAuthenticateGeneric,
	ICredentialTestRequest,
	ICredentialType,
	INodeProperties,
} from 'n8n-workflow';

/** This n8n's own public API: a node has no other way to stop an execution. */
export class AgentSwarmExecutionApi implements ICredentialType {
	name = 'agentSwarmExecutionApi';

	displayName = 'Agent Swarm Execution API';

	documentationUrl =
		'https://github.com/agent-swarm/n8n-nodes-agent-swarm/blob/main/docs/parallel-fan-out.md#credential';

	icon = {
		light: 'file:../icons/parallelFanOut.svg',
		dark: 'file:../icons/parallelFanOut.dark.svg',
	} as const;

	properties: INodeProperties[] = [
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'http://localhost:5678',
			required: true,
			placeholder: 'e.g. https://n8n.example.com',
			description: 'Address of this n8n, as it can reach itself, without /api',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'From Settings > n8n API, with the scopes execution:list, execution:read and execution:stop',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { 'X-N8N-API-KEY': '={{ $credentials.apiKey }}' } },
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{ $credentials.baseUrl.replace(/\\/+$/, "") }}',
			url: '/api/v1/executions',
			qs: { limit: 1 },
		},
	};
}
