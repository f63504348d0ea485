import { DatabaseSync } from 'node:sqlite';
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';

/**
 * LangGraph's SQLite saver on Node's own SQLite: its usual client has to be compiled, and is no
 * faster. The few methods that the saver calls are the same, but for these.
 *
 * @param file - the database; the saver's own settings apply (WAL)
 */
export function sqliteSaver(file) {
	const database = new DatabaseSync(file);
	// What its usual client is compiled with.
	database.exec('PRAGMA synchronous = NORMAL');
	const prepare = database.prepare.bind(database);
	database.prepare = (sql) => {
		const statement = prepare(sql);
		const call =
			(method) =>
			(...values) =>
				statement[method](...values.map((value) => value ?? null));
		return { run: call('run'), get: call('get'), all: call('all') };
	};
	database.pragma = (text) => database.exec(`PRAGMA ${text}`);
	database.transaction = (body) => (rows) => {
		database.exec('BEGIN');
		const result = body(rows);
		database.exec('COMMIT');
		return result;
	};
	return new SqliteSaver(database);
}
