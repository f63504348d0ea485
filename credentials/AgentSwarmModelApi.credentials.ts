import type {
	IAuthenticate,
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

	// A function, because n8n evaluates the expressions of the declarative kind for every request,
	// which costs more than everything else that the node does for it.
	authenticate: IAuthenticate = async ({ api, apiKey }, request) => {
		const header =
			api === 'anthropic' ? { 'x-api-key': apiKey } : { Authorization: `Bearer ${String(apiKey)}` };
		return { ...request, headers: { ...request.headers, ...header } };
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{ $credentials.baseUrl.replace(/\\/+$/, "") }}',
			url: '/models',
			headers: { 'anthropic-version': '2023-06-01' },
		},
	};
}
