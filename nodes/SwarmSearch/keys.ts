import type { ICredentialDataDecryptedObject, IExecuteFunctions } from 'n8n-workflow';

import { ValidationError, parseJson, redactor, secretsOf } from '../../lib';
import type { HttpClient, ServiceOptions } from '../../lib';
import { nodeHttpClient } from '../shared/http';
import { redactedHttp } from '../shared/redactedHttp';
import { NEED_KEY, nameOf } from './engineList';
import type { EngineName } from './engineList';

/** Type name of the credential with the keys of search services. */
export const SEARCH_CREDENTIAL = 'agentSwarmSearchApi';

/** Tells the credential whose key a request needs. */
const SERVICE_HEADER = 'x-agent-swarm-engine';

/** How an engine is asked: with its key when there is one. */
export interface EngineAccess {
	http: HttpClient;
	service: ServiceOptions;
	hasKey: boolean;
}

/** Finds out how engines are asked. */
export interface SearchKeys {
	/**
	 * @param url - another address that the node gives
	 * @throws {ValidationError} when the engine needs a key that is missing, or when its key would
	 * be sent to an address that the credential does not name
	 */
	accessOf(engine: EngineName, url?: string): EngineAccess;
}

/** Where requests come from: n8n without a credential, and with it. */
export interface KeyClients {
	plain: HttpClient;
	keyed: HttpClient;
}

/** The keys of the credential that is chosen in the node, if one is. */
export async function openKeys(context: IExecuteFunctions): Promise<SearchKeys> {
	const chosen = context.getNode().credentials?.[SEARCH_CREDENTIAL];
	const plain = nodeHttpClient(context);
	if (chosen === undefined) return searchKeys({}, '', { plain, keyed: plain });
	const credential = await context.getCredentials(SEARCH_CREDENTIAL);
	const keyed = nodeHttpClient(context, SEARCH_CREDENTIAL);
	return searchKeys(credential, chosen.id ?? chosen.name, { plain, keyed });
}

/**
 * The keys of a credential.
 *
 * @param account - names the credential, so that its users share limits
 */
export function searchKeys(
	credential: ICredentialDataDecryptedObject,
	account: string,
	{ plain, keyed }: KeyClients,
): SearchKeys {
	const urls = addressesOf(credential.urls);
	const safe = redactedHttp(keyed, redactor(secretsOf({ ...credential })));
	const hasKeyOf = (engine: EngineName) =>
		servicesOf(credential).includes(engine) && Boolean(credential[`${engine}Key`]);
	return {
		accessOf: (engine, url) => {
			if (!hasKeyOf(engine) || (engine === 'custom' && !isBelow(url, credential.customUrl))) {
				if (NEED_KEY.includes(engine)) throw keyMissing(engine);
				return { http: plain, service: { apiUrl: url }, hasKey: false };
			}
			// Whoever may edit the workflow need not be allowed to see the key.
			if (engine !== 'custom' && url !== undefined) throw foreignAddress(engine);
			const apiUrl = engine === 'custom' ? url : urls[engine];
			const service = `${nameOf(engine)} ${apiUrl ?? ''} ${account}`;
			return { http: withService(safe, engine), service: { apiUrl, service }, hasKey: true };
		},
	};
}

function servicesOf({ services }: ICredentialDataDecryptedObject): unknown[] {
	return Array.isArray(services) ? services : [];
}

function withService(http: HttpClient, engine: EngineName): HttpClient {
	return {
		request: async (request) => {
			const headers = { ...request.headers, [SERVICE_HEADER]: engine };
			return await http.request({ ...request, headers });
		},
		stream: http.stream,
	};
}

function addressesOf(value: unknown): Partial<Record<EngineName, string>> {
	const text = typeof value === 'string' && value.trim() !== '' ? value : '{}';
	try {
		return parseJson(text) as Partial<Record<EngineName, string>>;
	} catch {
		// Said below.
	}
	throw new ValidationError('Other Addresses of the search credential is not JSON.', {
		hint: 'Write {"brave": "https://…"}, or {} for the own addresses of the services.',
	});
}

/** Whether an address is one of a base address: same origin, and its path or one below it. */
function isBelow(url: string | undefined, base: unknown): boolean {
	const [address, start] = [URL.parse(url ?? ''), URL.parse(String(base))];
	if (address === null || start === null || address.origin !== start.origin) return false;
	const path = start.pathname.replace(/\/$/, '');
	return address.pathname === path || address.pathname.startsWith(`${path}/`);
}

function keyMissing(engine: EngineName): ValidationError {
	return new ValidationError(`${nameOf(engine)} needs a key.`, {
		hint: `Choose a credential of the type Agent Swarm Search API that has a key of ${nameOf(engine)}, or leave the engine out.`,
	});
}

function foreignAddress(engine: EngineName): ValidationError {
	return new ValidationError(
		`The key of ${nameOf(engine)} is not sent to an address of the node.`,
		{
			hint: 'Set the address in the credential, under Other Addresses.',
		},
	);
}
