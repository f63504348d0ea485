import type { IExecuteFunctions } from 'n8n-workflow';

import { defaultStorePath, hashOf, openSqliteStore, pruneWhenDue } from '../../lib';
import type { Store } from '../../lib';
import { nodeHttpClient } from './http';
import { STORE_CREDENTIAL } from './runFields';
import { n8nRuntime } from './runtime';
import { isConnected, openFromSettings, storeSettings } from './storeCredential';

/** What is needed to open the store that a node's *Store* field names; webhooks have it too. */
export type StoreContext = Pick<IExecuteFunctions, 'getNode' | 'getCredentials'> & {
	helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest' | 'httpRequestWithAuthentication'>;
};

/** Open stores of this process by what they are opened with: connections are shared by all nodes. */
const open = new Map<string, Promise<Store>>();

/**
 * The store that the node's *Store* field chooses. Stores with connections stay open for the life
 * of the process.
 *
 * @throws {ValidationError} when the credential is incomplete
 * @throws {StoreUnavailableError} when it cannot be opened; the next call tries again
 */
export async function openStore(context: StoreContext): Promise<Store> {
	if (context.getNode().parameters.store !== 'credential') {
		const path = defaultStorePath();
		return await shared(path, async () => await openSqliteStore({ path, clock: n8nRuntime }));
	}
	const settings = storeSettings(await context.getCredentials(STORE_CREDENTIAL));
	// Without the execution's cancel signal: what was done is recorded also after a stop.
	const { helpers } = context;
	const http = nodeHttpClient({
		getNode: () => context.getNode(),
		getCredentials: async (type) => await context.getCredentials(type),
		helpers,
	});
	const key = hashOf(settings);
	const opening = async () => await openFromSettings(settings, http);
	return isConnected(settings) ? await shared(key, opening) : tended(key, await opening());
}

async function shared(key: string, opening: () => Promise<Store>): Promise<Store> {
	let store = open.get(key);
	if (store === undefined) {
		store = opening();
		open.set(key, store);
		// A store that could not be opened is not remembered.
		store.catch(() => open.delete(key));
	}
	return tended(key, await store);
}

/** How often this process asks a store whether it is time to prune it. */
const TEND_EVERY_MS = 3_600_000;
const tendedAt = new Map<string, number>();

/** Lets old runs be removed in the background; what could not be removed today goes another day. */
function tended(key: string, store: Store): Store {
	const now = n8nRuntime.now();
	if (now - (tendedAt.get(key) ?? 0) < TEND_EVERY_MS) return store;
	tendedAt.set(key, now);
	void pruneWhenDue(store, n8nRuntime).catch(() => undefined);
	return store;
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
