import {
	EngineError,
	isJsonObject,
	parseJson,
	type HttpClient,
	type Json,
	type JsonObject,
} from '../core';
import { StoreUnavailableError } from './errors';

/** How to reach a libSQL server. */
export interface LibsqlAddress {
	http: HttpClient;
	/** `https://…`; `libsql://…` means the same. */
	url: string;
	/** Empty when the server asks for none. */
	token: string;
	/** Time limit for one request, in milliseconds. Default 10000. */
	timeoutMs?: number;
}

/** One statement with its parameters. */
export interface SqlStatement {
	sql: string;
	args: ReadonlyArray<string | number | null>;
}

/** Rows by the names of their columns. */
export type SqlRow = Record<string, string | number | null>;

/** One answer may hold a whole log. */
const MAX_ANSWER_BYTES = 256 * 2 ** 20;

/**
 * SQL over HTTP as libSQL servers and Turso speak it: one POST a round trip.
 *
 * @see https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md
 */
export class HranaClient {
	readonly name: string;
	private readonly url: string;

	constructor(private readonly address: LibsqlAddress) {
		const base = new URL(address.url.replace(/^libsql:/, 'https:'));
		this.name = `libSQL at ${base.host}`;
		this.url = new URL('v2/pipeline', base.href.endsWith('/') ? base : `${base.href}/`).href;
	}

	/** Runs one statement. */
	async execute(sql: string, args: SqlStatement['args'] = []): Promise<SqlRow[]> {
		const result = await this.post({ type: 'execute', stmt: statement({ sql, args }) });
		return rowsOf(result);
	}

	/** Runs statements in one transaction, all or none. @returns the rows of each */
	async transaction(statements: readonly SqlStatement[]): Promise<SqlRow[][]> {
		const last = statements.length;
		const steps: Json[] = [{ stmt: { sql: 'BEGIN IMMEDIATE' } }];
		statements.forEach((entry, index) => {
			steps.push({ stmt: statement(entry), condition: { type: 'ok', step: index } });
		});
		steps.push({ stmt: { sql: 'COMMIT' }, condition: { type: 'ok', step: last } });
		const failed = { type: 'not', cond: { type: 'ok', step: last + 1 } };
		steps.push({ stmt: { sql: 'ROLLBACK' }, condition: failed });
		const result = await this.post({ type: 'batch', batch: { steps } });
		const { step_results: results, step_errors: errors } = result as {
			step_results: Json[];
			step_errors: Json[];
		};
		const error = errors.slice(0, last + 2).find((entry) => entry !== null);
		if (error !== undefined) throw this.refused(error);
		return results.slice(1, last + 1).map(rowsOf);
	}

	private async post(request: JsonObject): Promise<Json> {
		const { http, token, timeoutMs = 10_000 } = this.address;
		const response = await http
			.request({
				method: 'POST',
				url: this.url,
				headers: {
					'content-type': 'application/json',
					...(token === '' ? {} : { authorization: `Bearer ${token}` }),
				},
				body: JSON.stringify({ requests: [request, { type: 'close' }] }),
				timeoutMs,
				maxBytes: MAX_ANSWER_BYTES,
			})
			.catch((error: Error) =>
				Promise.reject(
					new StoreUnavailableError(this.name, `be reached: ${error.message}`, { cause: error }),
				),
			);
		if (response.status === 401 || response.status === 403) throw this.unauthorized();
		const answer = response.status === 200 ? parseJson(response.text) : undefined;
		const results = isJsonObject(answer) ? answer.results : undefined;
		const first = Array.isArray(results) ? results[0] : undefined;
		if (!isJsonObject(first)) {
			const reason = `answer: HTTP ${response.status}, ${response.text.slice(0, 200)}`;
			throw new StoreUnavailableError(this.name, reason);
		}
		if (first.type !== 'ok' || !isJsonObject(first.response)) throw this.refused(first.error);
		return first.response.result ?? null;
	}

	private refused(error: Json | undefined): EngineError {
		const reason = isJsonObject(error) ? error.message : undefined;
		const message = typeof reason === 'string' ? reason : 'no reason given';
		return new StoreUnavailableError(this.name, `do that: ${message}`);
	}

	private unauthorized(): EngineError {
		return new EngineError('STORE_UNAVAILABLE', `The store (${this.name}) refused the token.`, {
			errorClass: 'auth',
			hint: 'Create a token with read and write access and put it into the credential.',
		});
	}
}

function statement({ sql, args }: SqlStatement): JsonObject {
	return { sql, args: args.map(encoded), want_rows: true };
}

function encoded(value: string | number | null): JsonObject {
	if (value === null) return { type: 'null' };
	if (typeof value === 'string') return { type: 'text', value };
	return { type: 'integer', value: String(value) };
}

function rowsOf(result: Json): SqlRow[] {
	const { cols, rows } = result as {
		cols: Array<{ name: string }>;
		rows: Array<Array<{ type: string; value?: string | number }>>;
	};
	return rows.map((row) =>
		Object.fromEntries(
			row.map(({ type, value = null }, index) => [
				cols[index]!.name,
				type === 'integer' ? Number(value) : value,
			]),
		),
	);
}
