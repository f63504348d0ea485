import type { ICredentialType, INodeProperties } from 'n8n-workflow';

const forKinds = (...kind: string[]) => ({ show: { kind } });

/** Where runs are kept, when the built-in file is not enough. Tested by the Checkpoint node. */
export class AgentSwarmStoreApi implements ICredentialType {
	name = 'agentSwarmStoreApi';

	displayName = 'Agent Swarm Store API';

	documentationUrl =
		'https://github.com/agent-swarm/n8n-nodes-agent-swarm/blob/main/docs/stores.md#credential';

	icon = {
		light: 'file:../icons/agentSwarmStoreApi.svg',
		dark: 'file:../icons/agentSwarmStoreApi.dark.svg',
	} as const;

	properties: INodeProperties[] = [
		{
			displayName: 'Store',
			name: 'kind',
			type: 'options',
			options: [
				{
					name: 'libSQL or Turso',
					value: 'libsql',
					description: 'Over HTTP, also from n8n Cloud',
				},
				{ name: 'PostgreSQL', value: 'postgres', description: 'Version 13 or newer' },
				{ name: 'Redis', value: 'redis', description: 'Version 6 or newer, with persistence' },
				{ name: 'SQLite File', value: 'sqlite', description: 'A file on this machine' },
				{
					name: 'Upstash Redis',
					value: 'upstash',
					description: 'Over REST, also from n8n Cloud',
				},
			],
			default: 'postgres',
		},
		{
			displayName: 'File',
			name: 'path',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. /data/agent-swarm/store.sqlite',
			description:
				'Path of the database file, on a local disk. It is created if it does not exist.',
			displayOptions: forKinds('sqlite'),
		},
		{
			displayName: 'URL',
			name: 'url',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. postgresql://n8n@db.example.com:5432/agents or rediss://cache.example.com',
			description:
				'Address without the password. End it with ?sslmode=require (PostgreSQL) or begin it with rediss:// (Redis) for TLS.',
			displayOptions: forKinds('postgres', 'redis'),
		},
		{
			displayName: 'URL',
			name: 'httpUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://runs-acme.turso.io',
			description: 'Address of the HTTP API',
			displayOptions: forKinds('libsql', 'upstash'),
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Leave empty when the server asks for none',
			displayOptions: forKinds('postgres', 'redis'),
		},
		{
			displayName: 'Token',
			name: 'token',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Leave empty when the server asks for none',
			displayOptions: forKinds('libsql', 'upstash'),
		},
		{
			displayName: 'Max Connections',
			name: 'maxConnections',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 100 },
			default: 5,
			description: 'How many connections each n8n process opens at most',
			displayOptions: forKinds('postgres'),
		},
		{
			displayName: 'Ignore SSL Issues (Insecure)',
			name: 'ignoreSslIssues',
			type: 'boolean',
			default: false,
			description: 'Whether to connect even if the certificate of the server cannot be checked',
			displayOptions: forKinds('postgres', 'redis'),
		},
		{
			displayName: 'Name Prefix',
			name: 'prefix',
			type: 'string',
			default: 'agent_swarm',
			description:
				'Begins the names of tables or keys. Give each n8n its own when several share one server.',
			displayOptions: forKinds('postgres', 'redis', 'upstash'),
		},
		{
			displayName: 'Survives',
			name: 'survives',
			type: 'options',
			options: [
				{
					name: 'A Killed Process',
					value: 'process',
					description: 'Fastest; a power cut may lose the last moments',
				},
				{
					name: 'A Power Cut',
					value: 'power',
					description: 'Flushes to disk with every save, about ten times slower',
				},
			],
			default: 'process',
			description: 'What saved results survive for sure',
			displayOptions: forKinds('sqlite'),
		},
		{
			displayName: 'Encryption Password',
			name: 'encryptionPassword',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Encrypts everything that is saved (AES-256-GCM) with this password of 12 characters or more. Without it, saved data cannot be read again: keep a copy.',
		},
		{
			displayName: 'Former Encryption Passwords',
			name: 'formerPasswords',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Passwords used before, separated by line breaks or commas, so that older data can still be read',
		},
	];
}
