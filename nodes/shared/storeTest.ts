import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { isEngineError, messageOf } from '../../lib';
import type { Store } from '../../lib';
import { n8nRuntime } from './runtime';
import { openFromCredential } from './store';

/**
 * Tests a store credential by writing, reading and removing one small document: what every node
 * will do.
 */
export async function testStore(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	return await openFromCredential(credential.data ?? {})
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
