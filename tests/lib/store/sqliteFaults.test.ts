import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Checkpoints, openLedger, openSqliteStore } from '../../../lib';
import { TestClock } from './contract';
import { ManualRuntime } from './manualRuntime';

const folder = mkdtempSync(join(tmpdir(), 'agent-swarm-faults-'));
const clock = new TestClock();
const runtime = new ManualRuntime();
let files = 0;

afterAll(() => rmSync(folder, { recursive: true }));

const newPath = () => join(folder, `${files++}.sqlite`);
const kilobyte = 'x'.repeat(1000);

describe('SQLite store', () => {
	it('says that the disk is full, keeps what is there, and goes on when there is room', async () => {
		const path = newPath();
		const store = await openSqliteStore({ path, clock });
		const limit = (pages: number) => {
			// The same code that a full disk gives, at a size of our own choosing.
			const database = (store as unknown as { database: DatabaseSync }).database;
			database.exec(`PRAGMA max_page_count = ${pages}`);
		};
		limit(40);
		let saved = 0;
		const fill = async (): Promise<void> => {
			for (;;) {
				await store.append([{ runId: 'r', body: `${saved} ${kilobyte}` }]);
				saved++;
			}
		};
		await expect(fill()).rejects.toMatchObject({
			code: 'STORE_UNAVAILABLE',
			hint: expect.stringContaining('disk is full'),
		});
		expect(saved).toBeGreaterThan(10);
		expect(await store.read('r')).toHaveLength(saved);
		await expect(
			store.append(Array.from({ length: 5 }, () => ({ runId: 'r', body: kilobyte }))),
		).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
		expect(await store.read('r')).toHaveLength(saved);
		limit(10_000);
		await store.append([{ runId: 'r', body: 'after' }]);
		expect(await store.read('r')).toHaveLength(saved + 1);
		await store.close();
	});

	it('keeps its write-ahead log small, however much is written one by one', async () => {
		const path = newPath();
		const store = await openSqliteStore({ path, clock });
		const body = 'x'.repeat(100_000);
		for (let n = 0; n < 300; n++) {
			await store.append([{ runId: 'r', body }]);
			await store.put({ collection: 'c', id: 'd', version: 'any', value: body });
		}
		expect(statSync(`${path}-wal`).size).toBeLessThan(20_000_000);
		await store.close();
	});

	it('waits for another process that holds the file, up to a limit', async () => {
		const path = newPath();
		const store = await openSqliteStore({ path, clock, busyTimeoutMs: 150 });
		const other = new DatabaseSync(path);
		other.exec('BEGIN EXCLUSIVE');
		await expect(store.append([{ runId: 'r', body: 'x' }])).rejects.toMatchObject({
			code: 'STORE_UNAVAILABLE',
			hint: expect.stringContaining('Another process holds the file'),
		});
		const waiting = store.append([{ runId: 'r', body: 'y' }]);
		setImmediate(() => other.exec('ROLLBACK'));
		expect(await waiting).toEqual([1]);
		other.close();
		await store.close();
	});

	it('refuses a file that a newer version made, and leaves it as it is', async () => {
		const path = newPath();
		const database = new DatabaseSync(path);
		database.exec('CREATE TABLE log (new TEXT); PRAGMA user_version = 99');
		database.close();
		await expect(openSqliteStore({ path, clock })).rejects.toMatchObject({
			code: 'STORE_VERSION',
			hint: expect.stringContaining('Update'),
		});
		const after = new DatabaseSync(path);
		expect(after.prepare('SELECT name FROM pragma_table_info(?)').all('log')).toHaveLength(1);
		after.close();
	});

	it('refuses a file that is no database, and leaves it as it is', async () => {
		const path = newPath();
		writeFileSync(path, `${kilobyte}not a database`);
		await expect(openSqliteStore({ path, clock })).rejects.toMatchObject({
			code: 'STORE_UNAVAILABLE',
			hint: expect.stringContaining('not a SQLite database'),
		});
		expect(readFileSync(path, 'utf8')).toMatch(/not a database$/);
	});

	it('creates its file for this user only', async () => {
		const path = join(folder, 'private', 'store.sqlite');
		const store = await openSqliteStore({ path, clock });
		expect(statSync(path).mode & 0o777).toBe(0o600);
		expect(statSync(join(folder, 'private')).mode & 0o777).toBe(0o700);
		await store.close();
		chmodSync(path, 0o600);
	});

	it('uses what was recorded before a bit flipped in the file, and says what it does not use', async () => {
		const path = newPath();
		const store = await openSqliteStore({ path, clock });
		const ledger = await openLedger({ store, runtime, runId: 'r' });
		for (const path of ['first', 'second', 'third']) {
			const output = `result of ${path}`;
			await ledger.completed(path, 'h', { output, attempt: 1, order: 1 });
		}
		await new Checkpoints({ store, runtime }).save('r', 'main', 'saved state');
		await store.close();

		const bytes = readFileSync(path);
		for (const text of ['result of second', 'saved state']) {
			const at = bytes.indexOf(text);
			expect(at).toBeGreaterThan(0);
			bytes[at] = bytes[at]! ^ 1;
		}
		writeFileSync(path, bytes);

		const again = await openSqliteStore({ path, clock });
		const recovered = await openLedger({ store: again, runtime, runId: 'r' });
		const found = ['first', 'second', 'third'].map((step) => recovered.find(step, 'h'));
		expect(found).toMatchObject([
			{ result: { output: 'result of first' } },
			undefined,
			{ result: { output: 'result of third' } },
		]);
		expect(recovered.corrupt).toHaveLength(1);
		await expect(
			new Checkpoints({ store: again, runtime }).load('r', 'main'),
		).rejects.toMatchObject({
			code: 'CHECKPOINT_CORRUPT',
		});
		await again.close();
	});

	it('after a disk that lied about flushing has a first part of what was saved, whole', async () => {
		const path = newPath();
		const store = await openSqliteStore({ path, clock });
		for (let n = 1; n <= 20; n++) await store.append([{ runId: 'r', body: `${n} ${kilobyte}` }]);
		const [database, log] = [readFileSync(path), readFileSync(`${path}-wal`)];
		await store.close();
		let longest = 0;
		// The write-ahead log ends anywhere: in the middle of a page, of a header, or right after one.
		for (let length = 0; length <= log.length; length += 997) {
			const torn = newPath();
			writeFileSync(torn, database);
			writeFileSync(`${torn}-wal`, log.subarray(0, length));
			const recovered = await openSqliteStore({ path: torn, clock });
			const rows = await recovered.read('r');
			expect(rows.map(({ body }) => body)).toEqual(
				rows.map((_, index) => `${index + 1} ${kilobyte}`),
			);
			expect(rows.length).toBeGreaterThanOrEqual(longest);
			longest = rows.length;
			await expect(recovered.append([{ runId: 'r', body: 'next' }])).resolves.toEqual([
				longest + 1,
			]);
			await recovered.close();
		}
		expect(longest).toBeGreaterThan(15);
	}, 30_000);

	it('refuses a state that is too large, by a message with the sizes', async () => {
		const store = await openSqliteStore({ path: newPath(), clock });
		const body = 'x'.repeat(64 * 1024 * 1024 + 1);
		await expect(store.append([{ runId: 'r', body }])).rejects.toThrow(/67108865 characters/);
		await store.close();
	});
});
