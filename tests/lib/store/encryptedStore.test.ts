import { encryptedStore, Keyring, memoryStore, openLedger, type Store } from '../../../lib';
import { storeContract, TestClock } from './contract';
import { ManualRuntime } from './manualRuntime';

const PASSWORD = 'correct horse battery';
const inner = new Map<Store, Store>();

async function encrypted(plain: Store, ...passwords: string[]): Promise<Store> {
	const store = encryptedStore(plain, await Keyring.open(plain, passwords));
	inner.set(store, plain);
	return store;
}

/** A memory store whose salt asks for little work, so that tests are fast. */
async function plainStore(clock: TestClock): Promise<Store> {
	const plain = memoryStore(clock);
	const value = JSON.stringify({ salt: 'c2FsdHNhbHQ=', iterations: 10 });
	await plain.put({ collection: 'meta', id: 'encryption', version: 0, value });
	return plain;
}

storeContract('encrypted', {
	open: async (clock) => {
		const store = await encrypted(await plainStore(clock as TestClock), PASSWORD);
		// Sizes are those of what is stored; the suite is about what was given.
		const { removeRun, measureRun } = store;
		const shown = { records: 1, documents: 2, bytes: 10 };
		const asGiven = async (measure: typeof measureRun, runId: string) => {
			const size = await measure(runId);
			return size.bytes > 0 ? { ...size, bytes: shown.bytes } : size;
		};
		store.measureRun = async (runId) => await asGiven(measureRun, runId);
		store.removeRun = async (runId) => await asGiven(removeRun, runId);
		return store;
	},
	reopen: async (store) => await encrypted(inner.get(store)!, PASSWORD),
});

describe('encrypted store', () => {
	let plain: Store;

	beforeEach(async () => {
		plain = await plainStore(new TestClock());
	});

	it('leaves nothing readable in the store, and never the same text twice', async () => {
		const store = await encrypted(plain, PASSWORD);
		await store.append(['secret', 'secret'].map((body) => ({ runId: 'r', body })));
		await store.put({ collection: 'runs', id: 'r', version: 0, value: 'secret' });
		const bodies = (await plain.read('r')).map(({ body }) => body);
		expect(bodies.join()).not.toContain('secret');
		expect(bodies[0]).not.toBe(bodies[1]);
		expect((await plain.get('runs', 'r'))?.value).not.toContain('secret');
	});

	it('reads what was saved under a former password, and writes under the new one', async () => {
		await (await encrypted(plain, 'the old password')).append([{ runId: 'r', body: 'old' }]);
		const rotated = await encrypted(plain, 'the new password', 'the old password');
		await rotated.append([{ runId: 'r', body: 'new' }]);
		expect((await rotated.read('r')).map(({ body }) => body)).toEqual(['old', 'new']);
		const onlyNew = await encrypted(plain, 'the new password');
		await expect(onlyNew.read('r')).rejects.toMatchObject({ code: 'ENCRYPTION_KEY_UNKNOWN' });
	});

	it('refuses text that was put there unencrypted', async () => {
		await plain.append([{ runId: 'r', body: 'forged' }]);
		const store = await encrypted(plain, PASSWORD);
		await expect(store.read('r')).rejects.toMatchObject({ code: 'NOT_ENCRYPTED' });
	});

	it('refuses a value that was moved from another document', async () => {
		const store = await encrypted(plain, PASSWORD);
		await store.put({ collection: 'receipts', id: 'a', version: 0, value: 'done' });
		const { value } = (await plain.get('receipts', 'a'))!;
		await plain.put({ collection: 'receipts', id: 'b', version: 0, value });
		await expect(store.get('receipts', 'b')).rejects.toMatchObject({ code: 'RECORD_CORRUPT' });
	});

	it('reports a changed record and keeps the others', async () => {
		const runtime = new ManualRuntime();
		const store = await encrypted(plain, PASSWORD);
		const ledger = await openLedger({ store, runtime, runId: 'r' });
		for (const path of ['a', 'b']) {
			await ledger.completed(path, 'h', { output: path, attempt: 1, order: 1 });
		}
		const [first, second] = await plain.read('r');
		await plain.cut('r', { from: 1 });
		const changed = first!.body.replace(/.(?==*$)/, (character) => (character === 'A' ? 'B' : 'A'));
		await plain.append([changed, second!.body].map((body) => ({ runId: 'r', body })));
		const reopened = await openLedger({ store, runtime, runId: 'r' });
		expect(reopened.corrupt.map(({ seq }) => seq)).toEqual([1]);
		expect(reopened.entries().map(({ record }) => record.path)).toEqual(['b']);
	});

	it('asks for a long password, without showing the short one', async () => {
		const attempt = Keyring.open(plain, ['short']);
		await expect(attempt).rejects.toMatchObject({ code: 'VALIDATION' });
		await expect(attempt).rejects.not.toThrow(/short/);
	});

	it('agrees on one salt when two processes start together', async () => {
		const fresh = memoryStore(new TestClock());
		const [first, second] = await Promise.all([
			encrypted(fresh, PASSWORD),
			encrypted(fresh, PASSWORD),
		]);
		await first.append([{ runId: 'r', body: 'x' }]);
		expect(await second.read('r')).toEqual([{ seq: 1, body: 'x' }]);
	});
});
