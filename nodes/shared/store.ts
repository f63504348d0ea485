import type { IExecuteFunctions } from 'n8n-workflow';

import {
	defaultStorePath,
	EngineError,
	hashOf,
	isQueueMode,
	openSqliteStore,
	pruneWhenDue,
	tableStore,
} from '../../lib';
import type { Store } from '../../lib';
import { dataTable, hasSubWorkflows } from './dataTable/dataTable';
import { nodeHttpClient } from './http';
import { STORE_CREDENTIAL } from './runFields';
import { n8nRuntime } from './runtime';
import { isConnected, openFromSettings, storeSettings } from './storeCredential';

/** What is needed to open the store that a node's *Store* field names; webhooks have it too. */
export type StoreContext = Pick<IExecuteFunctions, 'getNode' | 'getCredentials'> & {
	helpers: Pick<IExecuteFunctions['helpers'], 'httpRequest' | 'httpRequestWithAuthentication'>;
};

/** The Data Table that is the built-in store in queue mode. */
export const BUILT_IN_TABLE = 'agent_swarm_runs';

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
	if (isBuiltIn(context)) return await openBuiltIn(context);
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

function isBuiltIn(context: Pick<StoreContext, 'getNode'>): boolean {
	return context.getNode().parameters.store !== 'credential';
}

/** A file; in queue mode, where each machine has its own files, a table that all share. */
async function openBuiltIn(context: StoreContext): Promise<Store> {
	if (isQueueMode()) return openTable(context);
	const path = defaultStorePath();
	return await shared(path, async () => await openSqliteStore({ path, clock: n8nRuntime }));
}

/** Stores on Data Tables by the execution that reaches them: they start sub-workflows of it. */
const openTables = new WeakMap<object, Store>();

function openTable(context: StoreContext): Store {
	if (!hasSubWorkflows(context)) throw notFromWebhooks();
	const known = openTables.get(context);
	if (known !== undefined) return known;
	const table = dataTable(context, BUILT_IN_TABLE);
	const store = tableStore({ table, runtime: n8nRuntime });
	openTables.set(context, store);
	return tended(BUILT_IN_TABLE, store);
}

/**
 * Checks that the store can be used by what comes later over a webhook: votes, ends of waiting
 * sub-workflows. Call it before the node begins to wait, when there is still somebody to tell.
 *
 * @throws {EngineError} `STORE_NEEDS_CREDENTIAL` for the built-in store in queue mode
 */
export function checkStoreForWebhooks(context: Pick<StoreContext, 'getNode'>): void {
	if (isBuiltIn(context) && isQueueMode()) throw notFromWebhooks();
}

function notFromWebhooks(): EngineError {
	return new EngineError(
		'STORE_NEEDS_CREDENTIAL',
		'In queue mode the built-in store is a Data Table, and n8n does not let a webhook use Data Tables.',
		{
			errorClass: 'validation',
			hint: 'Set Store to From Credential, and choose PostgreSQL, Redis, libSQL or Upstash there.',
		},
	);
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
