import type {
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IHttpRequestOptions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { AgentSwarmSearchApi } from '../../credentials/AgentSwarmSearchApi.credentials';
import { messageOf, redactor, secretsOf } from '../../lib';
import type { HttpClient, SearchEngine } from '../../lib';
import { engineOf } from './engines';
import { nameOf } from './engineList';
import type { EngineName } from './engineList';
import { searchKeys } from './keys';

const TIMEOUT_MS = 15_000;

/**
 * Tests every key of a credential by one search for one result, with the same code as the node:
 * what works here works there. Names the services that refuse.
 */
export async function testSearchKeys(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const redact = redactor(secretsOf({ ...data }));
	const services = Array.isArray(data.services) ? (data.services as EngineName[]) : [];
	// What a service of one's own answers to is not known here.
	const tested = services.filter((service) => service !== 'custom');
	if (tested.length === 0) {
		const isCustom = services.includes('custom');
		return isCustom
			? { status: 'OK', message: 'A custom service can only be tested by the node' }
			: { status: 'Error', message: 'Choose at least one service and enter its key' };
	}
	const http = testClient(this, data);
	const failures = await Promise.all(
		tested.map(async (service) => {
			const name = nameOf(service);
			if (!data[`${service}Key`]) return [`${name}: the key is empty`];
			return await ask(service, data, http).then(
				() => [],
				(error: unknown) => [redact.text(messageOf(error))],
			);
		}),
	);
	const messages = failures.flat();
	if (messages.length > 0) return { status: 'Error', message: messages.join(' ') };
	return { status: 'OK', message: `${tested.map(nameOf).join(', ')} answered` };
}

async function ask(
	service: Exclude<EngineName, 'custom'>,
	data: ICredentialDataDecryptedObject,
	http: HttpClient,
): Promise<void> {
	const keys = searchKeys(data, 'test', { plain: http, keyed: http });
	const engine: SearchEngine = engineOf(service, keys.accessOf(service));
	const signal = new AbortController().signal;
	await engine.search({ text: 'test', limit: 1, signal, timeoutMs: TIMEOUT_MS });
}

/** HTTP for a credential test, which has n8n's older helper only and adds no key by itself. */
function testClient(
	{ helpers }: ICredentialTestFunctions,
	data: ICredentialDataDecryptedObject,
): HttpClient {
	const { authenticate } = new AgentSwarmSearchApi();
	return {
		request: async ({ method, url, headers, query, body, timeoutMs }) => {
			const options: IHttpRequestOptions = { url, headers: { ...headers }, qs: { ...query } };
			const signed =
				typeof authenticate === 'function' ? await authenticate(data, options) : options;
			const answer = (await helpers.request({
				method,
				uri: url,
				headers: signed.headers,
				qs: signed.qs,
				body: body === undefined ? undefined : JSON.stringify(body),
				timeout: timeoutMs,
				followRedirect: false,
				resolveWithFullResponse: true,
				simple: false,
			})) as { statusCode: number; headers: Record<string, string>; body: unknown };
			const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
			return { status: answer.statusCode, headers: answer.headers, text };
		},
		stream: async () => await Promise.reject(new Error('A credential test reads no streams.')),
	};
}
