import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

import { startGateway, type Gateway } from './httpGateway';

interface Value {
	type: string;
	value?: string | number;
	base64?: string;
}
interface Statement {
	sql?: string;
	/** A text that the same request stored before. */
	sql_id?: number;
	args?: Value[];
	named_args?: Array<{ name: string; value: Value }>;
}
interface Condition {
	type: 'ok' | 'error' | 'not' | 'and' | 'or' | 'is_autocommit';
	step?: number;
	cond?: Condition;
	conds?: Condition[];
}
interface Step {
	stmt: Statement;
	condition?: Condition | null;
}
interface Request {
	type: string;
	stmt?: Statement;
	batch?: { steps: Step[] };
	sql?: string;
	sql_id?: number;
}

/** libSQL's HTTP API ("Hrana", version 2, JSON) in front of a real SQLite. */
export async function startLibsqlGateway(path: string, token: string): Promise<Gateway> {
	const database = new DatabaseSync(path);
	const gateway = await startGateway(token, async ({ path: route, body }) => {
		if (route === '/v2' || route === '/v3') return { status: 200, body: {} };
		// The official client asks for the binary protocol first and falls back to this one.
		if (route !== '/v2/pipeline' && route !== '/v3/pipeline') return { status: 404, body: {} };
		const { requests } = JSON.parse(body) as { requests: Request[] };
		const results = requests.map((request) => answer(database, request));
		return await Promise.resolve({ status: 200, body: { baton: null, base_url: null, results } });
	});
	return {
		url: gateway.url,
		close: async () => {
			await gateway.close();
			database.close();
		},
	};
}

function answer(database: DatabaseSync, request: Request): object {
	const ok = (result?: object) => ({ type: 'ok', response: { type: request.type, result } });
	try {
		if (request.type === 'execute') return ok(execute(database, request.stmt!));
		if (request.type === 'batch') return ok(batch(database, request.batch!.steps));
		if (request.type === 'store_sql') texts.set(request.sql_id!, request.sql!);
		if (['close', 'store_sql', 'close_sql'].includes(request.type)) return ok();
	} catch (error) {
		return { type: 'error', error: { message: (error as Error).message } };
	}
	return { type: 'error', error: { message: `unknown request ${request.type}` } };
}

const texts = new Map<number, string>();

function execute(
	database: DatabaseSync,
	{ sql, sql_id: id, args = [], named_args = [] }: Statement,
): object {
	const statement = database.prepare(sql ?? texts.get(id!)!);
	statement.setReadBigInts(true);
	const names = Object.fromEntries(named_args.map(({ name, value }) => [name, decoded(value)]));
	const rows = statement.all(names, ...args.map(decoded));
	const cols = statement.columns().map(({ name, type }) => ({ name, decltype: type }));
	return {
		cols,
		rows: rows.map((row) => Object.values(row).map(encoded)),
		affected_row_count: 0,
		last_insert_rowid: null,
	};
}

function batch(database: DatabaseSync, steps: Step[]): object {
	const results: Array<object | null> = [];
	const errors: Array<object | null> = [];
	const holds = (condition: Condition): boolean => {
		if (condition.type === 'ok') return results[condition.step!] !== null;
		if (condition.type === 'error') return errors[condition.step!] !== null;
		if (condition.type === 'not') return !holds(condition.cond!);
		if (condition.type === 'and') return condition.conds!.every(holds);
		if (condition.type === 'or') return condition.conds!.some(holds);
		return !database.isTransaction;
	};
	for (const { stmt, condition } of steps) {
		let result: object | null = null;
		let error: object | null = null;
		if (!condition || holds(condition)) {
			try {
				result = execute(database, stmt);
			} catch (thrown) {
				error = { message: (thrown as Error).message };
			}
		}
		results.push(result);
		errors.push(error);
	}
	return { step_results: results, step_errors: errors };
}

function decoded({ type, value, base64 }: Value): SQLInputValue {
	if (type === 'null') return null;
	if (type === 'integer') return BigInt(value!);
	if (type === 'blob') return Buffer.from(base64!, 'base64');
	return value!;
}

function encoded(value: unknown): Value {
	if (value === null) return { type: 'null' };
	if (typeof value === 'bigint') return { type: 'integer', value: String(value) };
	if (typeof value === 'number') return { type: 'float', value };
	if (typeof value === 'string') return { type: 'text', value };
	return { type: 'blob', base64: Buffer.from(value as Uint8Array).toString('base64') };
}
