import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openSqliteStore, type Store } from '../../../lib';
import { storeContract } from './contract';

const folder = mkdtempSync(join(tmpdir(), 'agent-swarm-sqlite-'));
const paths = new Map<Store, string>();
let files = 0;

afterAll(() => rmSync(folder, { recursive: true }));

storeContract('SQLite', {
	open: async (clock) => {
		const path = join(folder, `${files++}`, 'store.sqlite');
		const store = await openSqliteStore({ path, clock });
		paths.set(store, path);
		return store;
	},
	reopen: async (store, clock) => await openSqliteStore({ path: paths.get(store)!, clock }),
});
