import type {
	IAuthenticateGeneric,
	ICredentialTestRequest,
	ICredentialType,
	INodeProperties,
} from 'n8n-workflow';

/** An endpoint with chat models: OpenAI, OpenRouter, Ollama, vLLM, LM Studio, Anthropic. */
export class AgentSwarmModelApi implements ICredentialType {
	name = 'agentSwarmModelApi';

	displayName = 'Agent Swarm Model API';

	documentationUrl =
		'https://github.com/agent-swarm/n8n-nodes-agent-swarm/blob/main/docs/agent-task.md#credential';

	icon = {
		light: 'file:../icons/agentSwarmModelApi.svg',
		dark: 'file:../icons/agentSwarmModelApi.dark.svg',
	} as const;

	properties: INodeProperties[] = [
		{
			displayName: 'API',
			name: 'api',
			type: 'options',
			options: [
				{
					name: 'OpenAI-Compatible',
					value: 'openAi',
					description: 'OpenAI, OpenRouter, Ollama, vLLM, LM Studio and many others',
				},
				{ name: 'Anthropic', value: 'anthropic', description: "Anthropic's own Messages API" },
			],
			default: 'openAi',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.openai.com/v1',
			required: true,
			placeholder: 'e.g. http://localhost:11434/v1',
			description:
				'Address of the API up to and with its version, e.g. https://openrouter.ai/api/v1 or https://api.anthropic.com/v1',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Leave empty for a local server without a key',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: {
			headers: {
				'={{ $credentials.api === "anthropic" ? "x-api-key" : "Authorization" }}':
					'={{ $credentials.api === "anthropic" ? $credentials.apiKey : "Bearer " + $credentials.apiKey }}',
			},
		},
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{ $credentials.baseUrl.replace(/\\/+$/, "") }}',
			url: '/models',
			headers: { 'anthropic-version': '2023-06-01' },
		},
	};
}
