import type { Pool } from 'pg';

import { EngineError, show, ValidationError } from '../../core';

/** What this version of the package writes; kept in the comment of the table of heads. */
const SCHEMA_VERSION = 1;

/** The prefix, if it is safe inside statements. @throws {ValidationError} otherwise */
export function checkedPrefix(prefix: string): string {
	if (/^[a-z][a-z0-9_]{0,30}$/.test(prefix)) return prefix;
	throw new ValidationError(
		`Name Prefix ${show(prefix)} cannot begin the name of a table. Use lower-case letters, digits and "_", beginning with a letter.`,
	);
}

/**
 * Creates the tables, unless they are there.
 *
 * @throws {EngineError} `STORE_VERSION` when a newer version of the package made them
 */
export async function createTables(pool: Pool, prefix: string): Promise<void> {
	const client = await pool.connect();
	const done = await createWith(client.query.bind(client) as Query, prefix).then(
		() => undefined,
		(error: Error) => error,
	);
	client.release(done);
	if (done !== undefined) throw done;
}

type Query = (sql: string) => Promise<{ rows: Array<Record<string, unknown>> }>;

async function createWith(query: Query, p: string): Promise<void> {
	const comment = `SELECT obj_description(to_regclass('${p}_heads')) AS version`;
	const version = Number((await query(comment)).rows[0]?.version ?? 0);
	if (version > SCHEMA_VERSION) throw tooNew(version);
	if (version === SCHEMA_VERSION) return;
	// One text is one transaction; the lock keeps processes that start together apart.
	await query(`
		SELECT pg_advisory_xact_lock(hashtext('${p}'));
		CREATE TABLE IF NOT EXISTS ${p}_heads (
			run_id text COLLATE "C" PRIMARY KEY,
			seq bigint NOT NULL
		);
		CREATE TABLE IF NOT EXISTS ${p}_log (
			run_id text COLLATE "C" NOT NULL,
			seq bigint NOT NULL,
			body text NOT NULL,
			PRIMARY KEY (run_id, seq)
		);
		CREATE TABLE IF NOT EXISTS ${p}_documents (
			collection text COLLATE "C" NOT NULL,
			id text COLLATE "C" NOT NULL,
			version bigint NOT NULL,
			value text NOT NULL,
			status text COLLATE "C" NOT NULL,
			run_id text COLLATE "C" NOT NULL,
			updated_at bigint NOT NULL,
			PRIMARY KEY (collection, id)
		);
		CREATE INDEX IF NOT EXISTS ${p}_documents_by_update
			ON ${p}_documents (collection, updated_at, id);
		CREATE INDEX IF NOT EXISTS ${p}_documents_by_run
			ON ${p}_documents (run_id) WHERE run_id <> '';
		COMMENT ON TABLE ${p}_heads IS '${SCHEMA_VERSION}';
	`);
}

function tooNew(version: number): EngineError {
	return new EngineError(
		'STORE_VERSION',
		`The tables of the store have format ${version}; this version of the package reads up to ${SCHEMA_VERSION}.`,
		{
			errorClass: 'validation',
			hint: 'Update n8n-nodes-agent-swarm, or choose another Name Prefix.',
			details: { version, supported: SCHEMA_VERSION },
		},
	);
}

/** One statement of the driver; by its name a connection knows it again, and plans it once. */
export interface Statement {
	name: string;
	text: string;
}

/** The statements of the driver. */
export type Statements = Record<keyof ReturnType<typeof textsFor>, Statement>;

/** All statements, for tables whose names begin with `prefix`. */
export function statementsFor(prefix: string): Statements {
	const named = Object.entries(textsFor(prefix)).map(([key, text]) => [
		key,
		{ name: `${prefix}_${key}`, text },
	]);
	return Object.fromEntries(named) as Statements;
}

const VALUES =
	'(collection, id, version, value, status, run_id, updated_at) VALUES ($1, $2, 1, $3, $4, $5, $6)';
const CHANGES = 'value = $3, status = $4, run_id = $5, updated_at = $6';
const FILTER = `
	collection = $1
	AND ($2::text[] IS NULL OR status = ANY($2))
	AND ($3::text IS NULL OR run_id = $3)
	AND ($4::text IS NULL OR starts_with(id, $4))
	AND ($5::bigint IS NULL OR updated_at < $5)`;

function textsFor(p: string) {
	const documents = `${p}_documents`;
	const size = (log: string, owned: string) => `
		SELECT
			(SELECT count(*) FROM ${log}) AS records,
			(SELECT count(*) FROM ${owned}) AS documents,
			(SELECT coalesce(sum(length(body)), 0) FROM ${log})
				+ (SELECT coalesce(sum(length(value)), 0) FROM ${owned}) AS bytes`;
	const list = (order: string) => `
		SELECT * FROM ${documents} WHERE ${FILTER}
		ORDER BY updated_at ${order}, id ${order} LIMIT $6 OFFSET $7`;
	return {
		// The row of the run's head makes appenders of one run wait for each other, so that numbers
		// have no gaps; the share lock on the guard makes a new owner wait for this commit.
		append: `
			WITH guard AS (
				SELECT version, status FROM ${documents} WHERE collection = $4 AND id = $5 FOR SHARE
			), head AS (
				INSERT INTO ${p}_heads AS head (run_id, seq)
				SELECT $1, $2::bigint
				WHERE $4::text IS NULL OR $6::bigint = coalesce((
					SELECT CASE WHEN $7::text IS NULL OR $7 = status THEN version ELSE -1 END FROM guard
				), 0)
				ON CONFLICT (run_id) DO UPDATE SET seq = head.seq + $2::bigint
				RETURNING seq
			), rows AS (
				INSERT INTO ${p}_log (run_id, seq, body)
				SELECT $1, head.seq - $2::bigint + entry.place, entry.body
				FROM head, unnest($3::text[]) WITH ORDINALITY AS entry (body, place)
			)
			SELECT seq FROM head`,
		read: `SELECT seq, body FROM ${p}_log WHERE run_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
		lockHead: `SELECT 1 FROM ${p}_heads WHERE run_id = $1 FOR UPDATE`,
		cut: `DELETE FROM ${p}_log WHERE run_id = $1 AND (seq < $2::bigint OR seq >= $3::bigint)`,
		resetHead: `
			UPDATE ${p}_heads
			SET seq = coalesce((SELECT max(seq) FROM ${p}_log WHERE run_id = $1), 0)
			WHERE run_id = $1`,
		get: `SELECT * FROM ${documents} WHERE collection = $1 AND id = $2`,
		insert: `INSERT INTO ${documents} ${VALUES} ON CONFLICT DO NOTHING RETURNING version`,
		upsert: `
			INSERT INTO ${documents} AS old ${VALUES}
			ON CONFLICT (collection, id) DO UPDATE SET version = old.version + 1, ${CHANGES}
			RETURNING version`,
		update: `
			UPDATE ${documents} SET version = version + 1, ${CHANGES}
			WHERE collection = $1 AND id = $2 AND version = $7 AND ($8::text IS NULL OR $8 = status)
			RETURNING version`,
		listNewest: list('DESC'),
		listOldest: list('ASC'),
		count: `SELECT count(*) AS total FROM ${documents} WHERE ${FILTER}`,
		remove: `
			DELETE FROM ${documents}
			WHERE collection = $1 AND id = $2 AND ($3::bigint IS NULL OR $3 = version) RETURNING id`,
		measure: size(
			`(SELECT body FROM ${p}_log WHERE run_id = $1) log`,
			`(SELECT value FROM ${documents} WHERE run_id = $1 AND run_id <> '') owned`,
		),
		removeRun: `
			WITH head AS (DELETE FROM ${p}_heads WHERE run_id = $1),
			log AS (DELETE FROM ${p}_log WHERE run_id = $1 RETURNING body),
			owned AS (DELETE FROM ${documents} WHERE run_id = $1 AND run_id <> '' RETURNING value)
			${size('log', 'owned')}`,
	};
}
