import type { DatabaseSync } from 'node:sqlite';

import { EngineError } from '../../core';

/** What this version of the package writes; kept in the file's `user_version`. */
export const SCHEMA_VERSION = 1;

/**
 * The tables, unless they are there.
 *
 * Row-id tables with a unique index beside them: in a table ordered by its text key, looking for a
 * key reads through large values, measured eight times slower.
 */
export const SCHEMA = `
	CREATE TABLE IF NOT EXISTS log (
		id INTEGER PRIMARY KEY,
		run_id TEXT NOT NULL,
		seq INTEGER NOT NULL,
		body TEXT NOT NULL
	);
	CREATE UNIQUE INDEX IF NOT EXISTS log_by_run ON log (run_id, seq);
	CREATE TABLE IF NOT EXISTS documents (
		row INTEGER PRIMARY KEY,
		collection TEXT NOT NULL,
		id TEXT NOT NULL,
		version INTEGER NOT NULL,
		value TEXT NOT NULL,
		status TEXT NOT NULL,
		run_id TEXT NOT NULL,
		updated_at INTEGER NOT NULL
	);
	CREATE UNIQUE INDEX IF NOT EXISTS documents_by_id ON documents (collection, id);
	CREATE INDEX IF NOT EXISTS documents_by_update ON documents (collection, updated_at, id);
	CREATE INDEX IF NOT EXISTS documents_by_run ON documents (run_id) WHERE run_id <> '';
`;

/**
 * Sets the connection up and creates the tables of a new file.
 *
 * @throws {EngineError} code `STORE_VERSION` for a file made by a newer version of the package
 */
export function prepareSchema(database: DatabaseSync, survives: 'process' | 'power' = 'process') {
	database.exec('PRAGMA journal_mode = WAL');
	// 16 MB instead of 4: pages that change often are moved into the file less often.
	database.exec('PRAGMA wal_autocheckpoint = 4000');
	database.exec(`PRAGMA synchronous = ${survives === 'power' ? 'FULL' : 'NORMAL'}`);
	if (versionOf(database) === SCHEMA_VERSION) return;
	database.exec('BEGIN EXCLUSIVE');
	try {
		// Another process may have created them since.
		const version = versionOf(database);
		if (version > SCHEMA_VERSION) refuse(version);
		database.exec(`${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION};`);
		database.exec('COMMIT');
	} finally {
		if (database.isTransaction) database.exec('ROLLBACK');
	}
}

function versionOf(database: DatabaseSync): number {
	return Number(database.prepare('PRAGMA user_version').get()?.user_version);
}

/** @throws {EngineError} `STORE_VERSION`, for tables of a newer format */
export function refuse(version: number): never {
	throw new EngineError(
		'STORE_VERSION',
		`The store has format ${version}; this version of the package reads up to ${SCHEMA_VERSION}.`,
		{
			errorClass: 'validation',
			hint: 'Update n8n-nodes-agent-swarm, or choose another store.',
			details: { version, supported: SCHEMA_VERSION },
		},
	);
}
