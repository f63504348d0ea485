import type { IAuthenticate, ICredentialType, INodeProperties } from 'n8n-workflow';

/** A service with a key, as the list of the credential shows it. */
interface KeyedService {
	value: string;
	name: string;
	description: string;
}

const SERVICES: KeyedService[] = [
	{ value: 'brave', name: 'Brave', description: 'Needs a key' },
	{ value: 'custom', name: 'Custom', description: 'A service of your own, with a secret header' },
	{ value: 'exa', name: 'Exa', description: 'Needs a key' },
	{ value: 'firecrawl', name: 'Firecrawl', description: 'A key raises its allowance' },
	{ value: 'github', name: 'GitHub', description: 'A token raises its allowance' },
	{ value: 'googleCse', name: 'Google', description: 'Needs a key and the ID of a search engine' },
	{ value: 'jina', name: 'Jina', description: 'Needs a key' },
	{ value: 'marginalia', name: 'Marginalia', description: 'A key raises its allowance' },
	{ value: 'openAlex', name: 'OpenAlex', description: 'A free key raises its allowance' },
	{ value: 'pubmed', name: 'PubMed', description: 'A free key raises its allowance' },
	{ value: 'semanticScholar', name: 'Semantic Scholar', description: 'A key raises its allowance' },
	{ value: 'serpApi', name: 'SerpApi', description: 'Needs a key' },
	{ value: 'serper', name: 'Serper', description: 'Needs a key' },
	{ value: 'stackExchange', name: 'Stack Exchange', description: 'A key raises its allowance' },
	{ value: 'tavily', name: 'Tavily', description: 'A key raises its allowance' },
];

/** How each service wants to see its key. */
const PLACES: Record<string, (key: string) => { headers?: object; qs?: object }> = {
	brave: (key) => ({ headers: { 'x-subscription-token': key } }),
	exa: (key) => ({ headers: { 'x-api-key': key } }),
	firecrawl: (key) => ({ headers: { authorization: `Bearer ${key}` } }),
	github: (key) => ({ headers: { authorization: `Bearer ${key}` } }),
	googleCse: (key) => ({ qs: { key } }),
	jina: (key) => ({ headers: { authorization: `Bearer ${key}` } }),
	marginalia: (key) => ({ headers: { 'api-key': key } }),
	openAlex: (key) => ({ qs: { api_key: key } }),
	pubmed: (key) => ({ qs: { api_key: key } }),
	semanticScholar: (key) => ({ headers: { 'x-api-key': key } }),
	serpApi: (key) => ({ qs: { api_key: key } }),
	serper: (key) => ({ headers: { 'x-api-key': key } }),
	stackExchange: (key) => ({ qs: { key } }),
	tavily: (key) => ({ headers: { authorization: `Bearer ${key}` } }),
};

/** Names the service of a request to {@link AgentSwarmSearchApi.authenticate}; never sent on. */
const SERVICE_HEADER = 'x-agent-swarm-engine';

const keyField = ({ value, name }: KeyedService): INodeProperties => ({
	displayName: value === 'custom' ? 'Custom Header Value' : `${name} Key`,
	name: `${value}Key`,
	type: 'string',
	typeOptions: { password: true },
	default: '',
	displayOptions: { show: { services: [value] } },
});

/** The keys of the search services that one has, for all of them together. */
export class AgentSwarmSearchApi implements ICredentialType {
	name = 'agentSwarmSearchApi';

	displayName = 'Agent Swarm Search API';

	documentationUrl =
		'https://github.com/agent-swarm/n8n-nodes-agent-swarm/blob/main/docs/swarm-search.md#keys';

	icon = {
		light: 'file:../icons/agentSwarmSearchApi.svg',
		dark: 'file:../icons/agentSwarmSearchApi.dark.svg',
	} as const;

	properties: INodeProperties[] = [
		{
			displayName: 'Services',
			name: 'services',
			type: 'multiOptions',
			options: SERVICES,
			default: [],
			description: 'The services that you have a key of; one credential holds the keys of all',
		},
		...SERVICES.filter(({ value }) => value !== 'custom').map(keyField),
		{
			displayName: 'Google Search Engine ID',
			name: 'googleEngineId',
			type: 'string',
			default: '',
			displayOptions: { show: { services: ['googleCse'] } },
			description: 'The ID (cx) of a Programmable Search Engine',
		},
		{
			displayName: 'Custom URL',
			name: 'customUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://search.example.com',
			displayOptions: { show: { services: ['custom'] } },
			description: 'The header is only sent to addresses that begin with this one',
		},
		{
			displayName: 'Custom Header Name',
			name: 'customHeader',
			type: 'string',
			default: 'Authorization',
			displayOptions: { show: { services: ['custom'] } },
		},
		keyField({ value: 'custom', name: 'Custom', description: '' }),
		{
			displayName: 'Other Addresses',
			name: 'urls',
			type: 'json',
			default: '{}',
			description:
				'Where to ask services with a key instead of their own address, such as a proxy: {"brave": "https://…"}',
		},
	];

	// A function, because each service wants to see its key in another place.
	authenticate: IAuthenticate = async (credential, request) => {
		const { [SERVICE_HEADER]: service, ...headers } = request.headers ?? {};
		const name = String(service);
		const key = String(credential[`${name}Key`] ?? '');
		const place =
			name === 'custom'
				? { headers: { [String(credential.customHeader)]: key } }
				: (PLACES[name]?.(key) ?? {});
		const engineId = name === 'googleCse' ? { cx: credential.googleEngineId } : {};
		return {
			...request,
			headers: { ...headers, ...place.headers },
			qs: { ...request.qs, ...place.qs, ...engineId },
		};
	};
}
