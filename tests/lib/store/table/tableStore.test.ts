import { tableStore, type Store, type StoreClock } from '../../../../lib';
import { storeContract } from '../contract';
import { fakeTable, seeded, turns, type Rows } from './fakeTable';

const rowsOf = new WeakMap<Store, Rows>();
let ids = 0;
let stores = 0;

function open(clock: StoreClock, rows: Rows = []): Store {
	const random = seeded(++stores);
	// Every step takes its own time, so that the steps of several writers interleave.
	const pause = async () => await turns(5 * random());
	const newId = () => `t${++ids}`;
	const sleep = async (ms: number) => await turns(ms);
	const runtime = { now: () => clock.now(), newId, random, sleep };
	const store = tableStore({ table: fakeTable(rows, pause), runtime });
	rowsOf.set(store, rows);
	return store;
}

storeContract('table without unique keys', {
	open: async (clock) => await Promise.resolve(open(clock)),
	reopen: async (store, clock) => await Promise.resolve(open(clock, rowsOf.get(store))),
});
