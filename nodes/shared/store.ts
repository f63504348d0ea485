import type { FunctionsBase } from 'n8n-workflow';

import { defaultStorePath, hashOf, openSqliteStore, ValidationError } from '../../lib';
import type { Store } from '../../lib';
import { STORE_CREDENTIAL } from './runFields';
import { n8nRuntime } from './runtime';

/** What is needed to open the store that a node's *Store* field names; webhooks have it too. */
export type StoreContext = Pick<FunctionsBase, 'getNode' | 'getCredentials'>;

/** Open stores of this process by what they are opened with: connections are shared by all nodes. */
const open = new Map<string, Promise<Store>>();

/**
 * The store that the node's *Store* field chooses. Stays open for the life of the process.
 *
 * @throws {StoreUnavailableError} when it cannot be opened; the next call tries again
 */
export async function openStore(context: StoreContext): Promise<Store> {
	if (context.getNode().parameters.store !== 'credential') {
		const path = defaultStorePath();
		return await shared(path, async () => await openSqliteStore({ path, clock: n8nRuntime }));
	}
	const settings = await context.getCredentials(STORE_CREDENTIAL);
	return await shared(hashOf(settings), async () => await openFromCredential(settings));
}

async function shared(key: string, opening: () => Promise<Store>): Promise<Store> {
	const existing = open.get(key);
	if (existing !== undefined) return await existing;
	const store = opening();
	open.set(key, store);
	// A store that could not be opened is not remembered.
	store.catch(() => open.delete(key));
	return await store;
}

/** Closes every open store; for tests and for programs that end. */
export async function closeStores(): Promise<void> {
	const stores = [...open.values()];
	open.clear();
	for (const opening of stores) {
		await opening.then(
			async (store) => await store.close(),
			() => undefined,
		);
	}
}

/**
 * Opens the store that a credential describes, for this caller alone.
 *
 * @throws {ValidationError} when the credential is incomplete
 */
export async function openFromCredential(settings: object): Promise<Store> {
	const { kind, path } = settings as Record<string, unknown>;
	if (kind === 'sqlite' && typeof path === 'string' && path !== '') {
		return await openSqliteStore({ path, clock: n8nRuntime });
	}
	throw new ValidationError(`The store credential names no known kind of store: ${String(kind)}.`);
}
