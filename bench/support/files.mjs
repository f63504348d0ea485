import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const folder = mkdtempSync(path.join(tmpdir(), 'agent-swarm-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

let files = 0;

/** The path of a file that does not exist yet; all of them go when the process ends. */
export const newFile = () => path.join(folder, `${files++}.sqlite`);

/** A database as the store opens it, with one table of texts: what a durable log costs at least. */
export function bareLog(file) {
	const database = new DatabaseSync(file);
	database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
	database.exec(
		'CREATE TABLE log (id INTEGER PRIMARY KEY, run TEXT, seq INTEGER, body TEXT); CREATE UNIQUE INDEX by_run ON log (run, seq)',
	);
	return database;
}
