import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { EngineError, isEngineError, messageOf } from '../../lib';
import type { HttpClient, HttpResponse, Store } from '../../lib';
import { n8nRuntime } from './runtime';
import { openFromSettings, storeSettings } from './storeCredential';

/**
 * Tests a store credential by writing, reading and removing one small document: what every node
 * will do.
 */
export async function testStore(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const settings = Promise.resolve(credential.data ?? {}).then(storeSettings);
	return await settings
		.then(async (checked) => await openFromSettings(checked, testHttpClient(this)))
		.then(async (store) => await roundTrip(store).finally(async () => await store.close()))
		.then(
			(message) => ({ status: 'OK' as const, message }),
			(error: unknown) => ({ status: 'Error' as const, message: explained(error) }),
		);
}

async function roundTrip(store: Store): Promise<string> {
	const id = n8nRuntime.newId();
	const value = `written at ${n8nRuntime.now()}`;
	await store.put({ collection: 'tests', id, version: 0, value });
	const read = await store.get('tests', id);
	await store.remove('tests', id);
	if (read?.value !== value) throw new Error('The store did not give back what was saved.');
	return `Connected to ${store.name}`;
}

function explained(error: unknown): string {
	const hint = isEngineError(error) ? error.hint : undefined;
	return hint === undefined ? messageOf(error) : `${messageOf(error)} ${hint}`;
}

/** HTTP for a credential test, which has n8n's older helper only. */
function testHttpClient({ helpers }: ICredentialTestFunctions): HttpClient {
	const request: HttpClient['request'] = async ({ method, url, headers, body, timeoutMs }) => {
		const answer = (await helpers.request({
			method,
			uri: url,
			headers,
			body,
			timeout: timeoutMs,
			resolveWithFullResponse: true,
			simple: false,
		})) as { statusCode: number; headers: Record<string, string>; body: unknown };
		const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
		return { status: answer.statusCode, headers: answer.headers, text } satisfies HttpResponse;
	};
	const stream = async () =>
		await Promise.reject(new EngineError('UNSUPPORTED', 'A credential test reads no streams.'));
	return { request, stream };
}
