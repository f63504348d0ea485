import { z } from 'zod';

import {
	encryptedStore,
	hashOf,
	Keyring,
	libsqlStore,
	openLibsqlStore,
	openPostgresStore,
	openRedisStore,
	openSqliteStore,
	parse,
	redisStore,
	upstashRedis,
} from '../../lib';
import type { HttpClient, Store } from '../../lib';
import { n8nRuntime } from './runtime';

const text = z.string().trim().default('');
const address = z.string().trim().url();

const encryption = {
	encryptionPassword: z.string().default(''),
	formerPasswords: z.string().default(''),
};

/** What a server is reached by. */
const server = {
	...encryption,
	url: address,
	password: z.string().default(''),
	ignoreSslIssues: z.boolean().default(false),
	prefix: z.string().trim().min(1).max(60).default('agent_swarm'),
};
const web = { ...encryption, httpUrl: address, token: text };

/** The fields of the credential, by the kind of store; see `AgentSwarmStoreApi`. */
const settingsSchema = z.discriminatedUnion('kind', [
	z.object({
		kind: z.literal('sqlite'),
		...encryption,
		path: z.string().trim().min(1, 'must not be empty'),
		survives: z.enum(['process', 'power']).default('process'),
	}),
	z.object({
		kind: z.literal('postgres'),
		...server,
		maxConnections: z.number().int().min(1).max(100).default(5),
	}),
	z.object({ kind: z.literal('redis'), ...server }),
	z.object({ kind: z.literal('libsql'), ...web }),
	z.object({ kind: z.literal('upstash'), ...web, prefix: server.prefix }),
]);

/** A store credential, checked. */
export type StoreSettings = z.infer<typeof settingsSchema>;

/** @throws {ValidationError} naming the fields that are missing or wrong */
export function storeSettings(credential: object): StoreSettings {
	return parse(settingsSchema, credential, 'Store credential');
}

/** Whether the store keeps connections, and so is opened once a process. */
export function isConnected({ kind }: StoreSettings): boolean {
	return kind !== 'libsql' && kind !== 'upstash';
}

const clock = n8nRuntime;

/** Databases whose tables this process has seen; to look again would cost two round trips a node. */
const prepared = new Set<string>();

/**
 * Opens the store that a credential describes.
 *
 * @param http - for stores that are reached over HTTP
 */
export async function openFromSettings(settings: StoreSettings, http: HttpClient): Promise<Store> {
	const store = await openPlain(settings, http);
	const { encryptionPassword, formerPasswords } = settings;
	if (encryptionPassword === '') return store;
	const former = formerPasswords.split(/[\n,]/).map((password) => password.trim());
	const passwords = [encryptionPassword, ...former.filter((password) => password !== '')];
	return encryptedStore(store, await keyringOf(store, hashOf(settings), passwords));
}

/** Keys by the credential: to derive them takes a tenth of a second. */
const keyrings = new Map<string, Promise<Keyring>>();

async function keyringOf(store: Store, key: string, passwords: string[]): Promise<Keyring> {
	const known = keyrings.get(key);
	if (known !== undefined) return await known;
	const opening = Keyring.open(store, passwords);
	keyrings.set(key, opening);
	opening.catch(() => keyrings.delete(key));
	return await opening;
}

async function openPlain(settings: StoreSettings, http: HttpClient): Promise<Store> {
	switch (settings.kind) {
		case 'sqlite':
			return await openSqliteStore({ ...settings, clock });
		case 'postgres':
			return await openPostgresStore({ ...connection(settings), ...settings, clock });
		case 'redis':
			return await openRedisStore({ ...connection(settings), clock });
		case 'upstash': {
			const redis = upstashRedis({ http, url: settings.httpUrl, token: settings.token });
			return redisStore({ redis, clock, prefix: settings.prefix });
		}
		case 'libsql': {
			const { httpUrl: url, token } = settings;
			if (prepared.has(url)) return libsqlStore({ http, url, token, clock });
			const store = await openLibsqlStore({ http, url, token, clock });
			prepared.add(url);
			return store;
		}
	}
}

function connection(settings: Extract<StoreSettings, { kind: 'postgres' | 'redis' }>) {
	const { url, password, prefix, ignoreSslIssues } = settings;
	return { url, password, prefix, allowAnyCertificate: ignoreSslIssues };
}
