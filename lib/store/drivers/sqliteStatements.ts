import type { ListQuery } from '../store';

/** The columns of a document, named as in the port. */
export const COLUMNS =
	'collection, id, version, value, status, run_id AS runId, updated_at AS updatedAt';

const NEXT = '1 + coalesce((SELECT max(seq) FROM log WHERE run_id = ?1), 0)';
const GUARD = `(?3 IS NULL OR ?5 = coalesce((
	SELECT CASE WHEN ?6 IS NULL OR ?6 = status THEN version ELSE -1 END
	FROM documents WHERE collection = ?3 AND id = ?4), 0))`;
/** One statement a record: the number, the guard and the write. */
export const INSERT_LOG = `
	INSERT INTO log (run_id, seq, body) SELECT ?1, ${NEXT}, ?2 WHERE ${GUARD} RETURNING seq`;
/** The same with a guess of the number, which is checked: to give back no row takes less time. */
export const INSERT_LOG_AT = `
	INSERT INTO log (run_id, seq, body) SELECT ?1, ?7, ?2 WHERE ?7 = ${NEXT} AND ${GUARD}`;
export const READ_LOG =
	'SELECT seq, body FROM log WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?';
export const CUT_BELOW = 'DELETE FROM log WHERE run_id = ? AND seq < ?';
export const CUT_FROM = 'DELETE FROM log WHERE run_id = ? AND seq >= ?';
export const GET_DOCUMENT = `SELECT ${COLUMNS} FROM documents WHERE collection = ? AND id = ?`;
const VALUES =
	'(collection, id, version, value, status, run_id, updated_at) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6)';
export const INSERT_DOCUMENT = `INSERT INTO documents ${VALUES} ON CONFLICT DO NOTHING RETURNING version`;
const CHANGES = 'version = version + 1, value = ?3, status = ?4, run_id = ?5, updated_at = ?6';
export const UPSERT_DOCUMENT = `
	INSERT INTO documents ${VALUES}
	ON CONFLICT (collection, id) DO UPDATE SET ${CHANGES} RETURNING version`;
export const UPDATE_DOCUMENT = `
	UPDATE documents SET ${CHANGES}
	WHERE collection = ?1 AND id = ?2 AND version = ?7 AND (?8 IS NULL OR ?8 = status)
	RETURNING version`;
export const REMOVE_DOCUMENT = `
	DELETE FROM documents
	WHERE collection = ?1 AND id = ?2 AND (?3 IS NULL OR ?3 = version)`;
export const SIZE_OF_LOG =
	'SELECT count(*) AS count, coalesce(sum(length(body)), 0) AS bytes FROM log WHERE run_id = ?';
export const SIZE_OF_DOCUMENTS =
	"SELECT count(*) AS count, coalesce(sum(length(value)), 0) AS bytes FROM documents WHERE run_id = ? AND run_id <> ''";

export const REMOVE_LOG_OF_RUN = 'DELETE FROM log WHERE run_id = ?';
export const REMOVE_DOCUMENTS_OF_RUN = "DELETE FROM documents WHERE run_id = ? AND run_id <> ''";

/** The `WHERE` of a query, and its parameters. */
export function conditions(
	collection: string,
	query: ListQuery,
): { where: string; values: Array<string | number> } {
	const clauses = ['collection = ?'];
	const values: Array<string | number> = [collection];
	const add = (clause: string, ...parameters: Array<string | number>) => {
		clauses.push(clause);
		values.push(...parameters);
	};
	const { status, runId, idPrefix, updatedBefore } = query;
	if (status !== undefined) {
		add(status.length === 0 ? '0' : `status IN (${status.map(() => '?').join()})`, ...status);
	}
	if (runId !== undefined) add('run_id = ?', runId);
	if (idPrefix !== undefined) add('substr(id, 1, length(?)) = ?', idPrefix, idPrefix);
	if (updatedBefore !== undefined) add('updated_at < ?', updatedBefore);
	return { where: clauses.join(' AND '), values };
}
