import {
	isStoreConflict,
	MAX_KEY_LENGTH,
	ValidationError,
	type DocumentWrite,
	type Store,
	type StoreClock,
} from '../../../lib';

/** A clock the test moves by hand. */
export class TestClock implements StoreClock {
	time = 1_700_000_000_000;

	now(): number {
		return this.time;
	}

	tick(ms = 1): void {
		this.time += ms;
	}
}

/** How the suite gets at a driver. */
export interface StoreSetup {
	/** A new, empty store. */
	open(clock: StoreClock): Promise<Store>;
	/**
	 * A second connection to what `store` writes, as another process would have it; the same object
	 * where one process is all there is.
	 */
	reopen(store: Store, clock: StoreClock): Promise<Store>;
}

/** What every store must do. No driver leaves a case out. */
export function storeContract(name: string, setup: StoreSetup): void {
	describe(`store contract: ${name}`, () => {
		const opened: Store[] = [];
		let clock: TestClock;
		let store: Store;

		beforeEach(async () => {
			clock = new TestClock();
			store = await setup.open(clock);
			opened.push(store);
		});

		afterEach(async () => {
			for (const open of opened.splice(0)) await open.close();
		});

		async function second(): Promise<Store> {
			const other = await setup.reopen(store, clock);
			opened.push(other);
			return other;
		}

		const bodies = async (from: Store, runId: string) =>
			(await from.read(runId)).map(({ body }) => body);

		const document = (id: string, value: string, more: Partial<DocumentWrite> = {}) =>
			({ collection: 'runs', id, version: 'any', value, ...more }) satisfies DocumentWrite;

		describe('log', () => {
			it('is empty for an unknown run', async () => {
				expect(await store.read('nobody')).toEqual([]);
			});

			it('numbers the entries of each run 1, 2, 3, … and reads them in order', async () => {
				expect(await store.append([{ runId: 'a', body: 'one' }])).toEqual([1]);
				expect(
					await store.append([
						{ runId: 'a', body: 'two' },
						{ runId: 'b', body: 'other' },
						{ runId: 'a', body: 'three' },
					]),
				).toEqual([2, 1, 3]);
				expect(await store.read('a')).toEqual([
					{ seq: 1, body: 'one' },
					{ seq: 2, body: 'two' },
					{ seq: 3, body: 'three' },
				]);
			});

			it('reads on from a number, up to a limit', async () => {
				await store.append(['1', '2', '3', '4'].map((body) => ({ runId: 'a', body })));
				expect(await store.read('a', { after: 1, limit: 2 })).toEqual([
					{ seq: 2, body: '2' },
					{ seq: 3, body: '3' },
				]);
				expect(await store.read('a', { after: 4 })).toEqual([]);
			});

			it('appends nothing when given nothing', async () => {
				expect(await store.append([])).toEqual([]);
			});

			it('gives every one of many appends at once its own number', async () => {
				const other = await second();
				const numbers = await Promise.all(
					Array.from({ length: 40 }, (_, index) =>
						(index % 2 === 0 ? store : other).append([{ runId: 'a', body: `${index}` }]),
					),
				);
				expect(numbers.flat().sort((a, b) => a - b)).toEqual(
					Array.from({ length: 40 }, (_, index) => index + 1),
				);
				expect((await bodies(store, 'a')).map(Number).sort((a, b) => a - b)).toEqual(
					Array.from({ length: 40 }, (_, index) => index),
				);
			});

			it('shows another connection what was appended', async () => {
				await store.append([{ runId: 'a', body: 'x' }]);
				expect(await bodies(await second(), 'a')).toEqual(['x']);
			});

			it('keeps any text whole', async () => {
				const texts = [
					'',
					' ',
					'a\nb\r\n',
					'\u0001',
					'żółć 😀 e\u0301 \u202e',
					'"\\\'',
					'$1 ? :x {0}',
				];
				await store.append(texts.map((body) => ({ runId: 'a', body })));
				expect(await bodies(store, 'a')).toEqual(texts);
			});

			it('keeps a large body whole', async () => {
				const body = 'é'.repeat(500_000);
				await store.append([{ runId: 'a', body }]);
				expect((await bodies(store, 'a'))[0] === body).toBe(true);
			});

			it('keeps runs apart whose names look alike', async () => {
				const names = ['a', 'A', 'a ', 'a/b', 'a:b', 'a%', 'a_', 'á', 'a*', '{a}', "a'"];
				for (const runId of names) await store.append([{ runId, body: runId }]);
				for (const runId of names) expect(await bodies(store, runId)).toEqual([runId]);
			});

			it('refuses a key that is empty, too long or not storable', async () => {
				for (const runId of ['', 'x'.repeat(MAX_KEY_LENGTH + 1), 'a\u0000', '\ud800']) {
					await expect(store.append([{ runId, body: '' }])).rejects.toThrow(ValidationError);
				}
				const longest = '語'.repeat(MAX_KEY_LENGTH);
				expect(await store.append([{ runId: longest, body: 'x' }])).toEqual([1]);
			});
		});

		describe('cut', () => {
			beforeEach(async () => {
				await store.append(['1', '2', '3', '4'].map((body) => ({ runId: 'a', body })));
			});

			it('removes the front and keeps the numbers of the rest', async () => {
				expect(await store.cut('a', { below: 3 })).toBe(2);
				expect(await store.read('a')).toEqual([
					{ seq: 3, body: '3' },
					{ seq: 4, body: '4' },
				]);
				expect(await store.append([{ runId: 'a', body: '5' }])).toEqual([5]);
				expect(await store.read('a', { after: 3, limit: 1 })).toEqual([{ seq: 4, body: '4' }]);
			});

			it('removes the end, and the next entry continues after what stays', async () => {
				expect(await store.cut('a', { from: 3 })).toBe(2);
				expect(await store.append([{ runId: 'a', body: 'new' }])).toEqual([3]);
				expect(await bodies(store, 'a')).toEqual(['1', '2', 'new']);
			});

			it('starts again at 1 when nothing stays', async () => {
				expect(await store.cut('a', { below: 100 })).toBe(4);
				expect(await store.append([{ runId: 'a', body: 'new' }])).toEqual([1]);
			});

			it('removes nothing where there is nothing', async () => {
				expect(await store.cut('a', { below: 1 })).toBe(0);
				expect(await store.cut('a', { from: 5 })).toBe(0);
				expect(await store.cut('nobody', { from: 1 })).toBe(0);
			});
		});

		describe('documents', () => {
			it('has none at first', async () => {
				expect(await store.get('runs', 'r1')).toBeUndefined();
			});

			it('gives back what was put, stamped by the clock', async () => {
				const written = await store.put({
					collection: 'runs',
					id: 'r1',
					version: 0,
					value: '{"a":1}',
					status: 'running',
					runId: 'r1',
				});
				expect(written).toEqual({
					collection: 'runs',
					id: 'r1',
					version: 1,
					value: '{"a":1}',
					status: 'running',
					runId: 'r1',
					updatedAt: clock.time,
				});
				expect(await store.get('runs', 'r1')).toEqual(written);
				expect(await (await second()).get('runs', 'r1')).toEqual(written);
			});

			it('counts versions and replaces every field', async () => {
				await store.put(document('r1', 'a', { status: 'running', runId: 'r1' }));
				clock.tick();
				await store.put(document('r1', 'b', { version: 1 }));
				expect(await store.get('runs', 'r1')).toEqual({
					collection: 'runs',
					id: 'r1',
					version: 2,
					value: 'b',
					status: '',
					runId: '',
					updatedAt: clock.time,
				});
			});

			it('refuses a writer who has seen the version in another state', async () => {
				await store.put(document('r1', 'a', { status: 'ours' }));
				for (const seenStatus of ['theirs', '']) {
					const other = store.put(document('r1', 'late', { version: 1, seenStatus }));
					await expect(other).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
				}
				await store.put(document('r1', 'b', { version: 1, seenStatus: 'ours' }));
				await store.put(document('r1', 'c', { version: 2, seenStatus: '' }));
				expect(await store.get('runs', 'r1')).toMatchObject({ value: 'c', version: 3 });
			});

			it('removes a document at a version only when it is at that version', async () => {
				await store.put(document('r1', 'a'));
				await store.put(document('r1', 'b', { version: 1 }));
				expect(await store.remove('runs', 'r1', 1)).toBe(false);
				expect((await store.get('runs', 'r1'))?.value).toBe('b');
				expect(await store.remove('runs', 'r1', 2)).toBe(true);
				expect(await store.remove('runs', 'r1', 2)).toBe(false);
				expect(await store.get('runs', 'r1')).toBeUndefined();
			});

			it('refuses a writer who has not seen the last version', async () => {
				await store.put(document('r1', 'a'));
				await store.put(document('r1', 'b', { version: 1 }));
				for (const version of [0, 1, 3]) {
					const late = store.put(document('r1', 'late', { version }));
					await expect(late).rejects.toMatchObject({ code: 'STORE_CONFLICT', retryable: true });
				}
				expect((await store.get('runs', 'r1'))?.value).toBe('b');
			});

			it('refuses to change what does not exist', async () => {
				const write = store.put(document('r1', 'a', { version: 1 }));
				await expect(write).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
				expect(await store.get('runs', 'r1')).toBeUndefined();
			});

			it('lets exactly one of many writers win', async () => {
				const other = await second();
				await store.put(document('r1', 'start'));
				const race = async (version: number) =>
					(
						await Promise.allSettled(
							Array.from({ length: 12 }, (_, index) =>
								(index % 2 === 0 ? store : other).put(
									document(version === 0 ? 'r2' : 'r1', `w${index}`, { version }),
								),
							),
						)
					).map((result) =>
						result.status === 'fulfilled' ? 'won' : isStoreConflict(result.reason),
					);
				for (const version of [0, 1]) {
					const results = await race(version);
					expect(results.filter((result) => result === 'won')).toHaveLength(1);
					expect(results.filter((result) => result === true)).toHaveLength(11);
				}
			});

			it('loses no update when every writer reads again and repeats', async () => {
				const other = await second();
				await store.put(document('count', '0'));
				const increment = async (using: Store): Promise<void> => {
					const seen = (await using.get('runs', 'count'))!;
					const next = document('count', `${Number(seen.value) + 1}`, { version: seen.version });
					const conflict = await using.put(next).then(() => false, isStoreConflict);
					if (conflict) await increment(using);
				};
				const writers = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? store : other));
				await Promise.all(writers.map(increment));
				expect((await store.get('runs', 'count'))?.value).toBe('8');
			});

			it('keeps collections apart', async () => {
				await store.put(document('x', 'run'));
				await store.put(document('x', 'lease', { collection: 'leases' }));
				expect((await store.get('runs', 'x'))?.value).toBe('run');
				expect((await store.list('leases')).total).toBe(1);
			});

			it('removes a document once, and counts its versions from 1 again', async () => {
				await store.put(document('r1', 'a'));
				await store.put(document('r1', 'b'));
				expect(await store.remove('runs', 'r1')).toBe(true);
				expect(await store.remove('runs', 'r1')).toBe(false);
				expect(await store.get('runs', 'r1')).toBeUndefined();
				expect((await store.put(document('r1', 'c', { version: 0 }))).version).toBe(1);
			});

			it('refuses keys that are empty or too long', async () => {
				await expect(store.put(document('', 'x'))).rejects.toThrow(ValidationError);
				const long = 'x'.repeat(MAX_KEY_LENGTH + 1);
				await expect(store.put(document(long, 'x'))).rejects.toThrow(ValidationError);
			});
		});

		describe('list', () => {
			beforeEach(async () => {
				const states = ['running', 'failed', 'running', 'done', 'running'];
				for (const [index, status] of states.entries()) {
					clock.tick();
					await store.put(document(`r${index}`, `v${index}`, { status, runId: `o${index % 2}` }));
				}
			});

			const ids = async (...query: Parameters<Store['list']>) =>
				(await store.list(...query)).documents.map(({ id }) => id);

			it('is empty for an unknown collection', async () => {
				expect(await store.list('nothing')).toEqual({ documents: [], total: 0 });
			});

			it('shows the last updated first', async () => {
				clock.tick();
				await store.put(document('r1', 'again'));
				expect(await ids('runs')).toEqual(['r1', 'r4', 'r3', 'r2', 'r0']);
				expect(await ids('runs', { oldestFirst: true })).toEqual(['r0', 'r2', 'r3', 'r4', 'r1']);
			});

			it('pages by limit and offset and tells the total', async () => {
				const page = await store.list('runs', { limit: 2, offset: 1 });
				expect(page.documents.map(({ id }) => id)).toEqual(['r3', 'r2']);
				expect(page.total).toBe(5);
				expect(await ids('runs', { offset: 4 })).toEqual(['r0']);
				expect(await ids('runs', { offset: 9 })).toEqual([]);
				expect(await store.list('runs', { limit: 0 })).toEqual({ documents: [], total: 5 });
			});

			it('filters by state', async () => {
				expect(await ids('runs', { status: ['running'] })).toEqual(['r4', 'r2', 'r0']);
				expect(await ids('runs', { status: ['failed', 'done'] })).toEqual(['r3', 'r1']);
				expect(await ids('runs', { status: [] })).toEqual([]);
			});

			it('filters by owner, by beginning of the id and by time, together', async () => {
				expect(await ids('runs', { runId: 'o1' })).toEqual(['r3', 'r1']);
				await store.put(document('x%_*?[', 'v'));
				expect(await ids('runs', { idPrefix: 'x%_*?' })).toEqual(['x%_*?[']);
				expect(await ids('runs', { idPrefix: '%' })).toEqual([]);
				const before = clock.time - 1;
				expect(await ids('runs', { updatedBefore: before })).toEqual(['r2', 'r1', 'r0']);
				expect(
					await store.list('runs', { status: ['running'], updatedBefore: before, limit: 1 }),
				).toMatchObject({ documents: [{ id: 'r2' }], total: 2 });
			});

			it('orders documents of one instant by id, so that pages do not overlap', async () => {
				for (const id of ['b', 'c', 'a']) await store.put(document(id, '', { collection: 'x' }));
				expect(await ids('x')).toEqual(['c', 'b', 'a']);
				expect(await ids('x', { limit: 1, offset: 1 })).toEqual(['b']);
			});
		});

		describe('guarded append', () => {
			const guard = (version: number) => ({ collection: 'leases', id: 'l', version });

			it('appends while the document is at the version', async () => {
				await store.put(document('l', 'me', { collection: 'leases' }));
				expect(await store.append([{ runId: 'a', body: 'x' }], guard(1))).toEqual([1]);
			});

			it('appends while the document does not exist, when version 0 is asked for', async () => {
				expect(await store.append([{ runId: 'a', body: 'x' }], guard(0))).toEqual([1]);
			});

			it('adds nothing once somebody else has written the document', async () => {
				await store.put(document('l', 'me', { collection: 'leases' }));
				await (await second()).put(document('l', 'them', { collection: 'leases' }));
				const entries = [
					{ runId: 'a', body: 'x' },
					{ runId: 'b', body: 'y' },
				];
				await expect(store.append(entries, guard(1))).rejects.toMatchObject({
					code: 'STORE_CONFLICT',
				});
				expect(await store.read('a')).toEqual([]);
				expect(await store.read('b')).toEqual([]);
			});

			it('appends only while the document is in the state that is asked for', async () => {
				await store.put(document('l', 'me', { collection: 'leases', status: 'mine' }));
				const mine = { ...guard(1), status: 'mine' };
				expect(await store.append([{ runId: 'a', body: 'x' }], mine)).toEqual([1]);
				const theirs = store.append([{ runId: 'a', body: 'y' }], { ...guard(1), status: 'theirs' });
				await expect(theirs).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
				const nobodys = store.append([{ runId: 'a', body: 'z' }], { ...guard(1), status: '' });
				await expect(nobodys).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
				expect(await bodies(store, 'a')).toEqual(['x']);
			});

			it('refuses one of several appends of the same moment without the others', async () => {
				await store.put(document('l', 'me', { collection: 'leases' }));
				const results = await Promise.allSettled([
					store.append([{ runId: 'a', body: 'good' }], guard(1)),
					store.append([{ runId: 'a', body: 'stale' }], guard(7)),
					store.append([{ runId: 'a', body: 'free' }]),
				]);
				expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
				expect((await bodies(store, 'a')).sort()).toEqual(['free', 'good']);
			});
		});

		describe('removeRun', () => {
			it('takes the log and what the run owns, and nothing else', async () => {
				await store.append([
					{ runId: 'a', body: '12345' },
					{ runId: 'b', body: 'stays' },
				]);
				await store.put(document('a', 'abc', { runId: 'a' }));
				await store.put(document('blob', 'de', { collection: 'blobs', runId: 'a' }));
				await store.put(document('b', 'stays', { runId: 'b' }));
				await store.put(document('free', 'stays'));
				const size = { records: 1, documents: 2, bytes: 10 };
				expect(await store.measureRun('a')).toEqual(size);
				expect(await store.removeRun('a')).toEqual(size);
				expect(await store.measureRun('a')).toEqual({ records: 0, documents: 0, bytes: 0 });
				expect(await store.read('a')).toEqual([]);
				expect(await store.get('blobs', 'blob')).toBeUndefined();
				expect(await bodies(store, 'b')).toEqual(['stays']);
				expect((await store.list('runs')).documents.map(({ id }) => id)).toEqual(['free', 'b']);
			});

			it('removes nothing of an unknown run', async () => {
				await store.put(document('free', 'stays'));
				expect(await store.removeRun('nobody')).toEqual({ records: 0, documents: 0, bytes: 0 });
			});
		});

		it('may be closed twice', async () => {
			await store.close();
			await expect(store.close()).resolves.toBeUndefined();
		});
	});
}
