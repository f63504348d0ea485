import { z } from 'zod';

import { parse, parseJson, type Runtime } from '../../core';
import { StoreConflictError } from '../errors';
import { isAt } from '../isAt';
import { checkEntries, checkWrite, pageOf } from '../limits';
import type {
	DocumentPage,
	DocumentVersion,
	DocumentWrite,
	ListQuery,
	LogCut,
	LogEntry,
	LogRange,
	LogRow,
	RunSize,
	Store,
	StoredDocument,
} from '../store';
import { Cells, type CellContent, type CellName, type SeenCell } from './cells';
import { listed, selection, sizeOf } from './documents';
import { RunLog } from './runLog';
import { where, type Table, type TableRow } from './table';

/** What {@link tableStore} needs. */
export interface TableStoreOptions {
	table: Table;
	runtime: Pick<Runtime, 'now' | 'newId' | 'random' | 'sleep'>;
}

/**
 * The store on a plain table that has compare-and-set on one row and nothing else, such as n8n's
 * Data Tables. An append or a change is one call of the table, a new document one, a guarded append
 * three.
 */
export function tableStore(options: TableStoreOptions): Store {
	return new TableStore(options);
}

/** The records of one run, of an append to one or several. */
interface RunPart {
	runId: string;
	bodies: string[];
}

const intentSchema = z.array(z.object({ runId: z.string(), bodies: z.array(z.string()) }));

/** Holds the records of an append to several runs until they are in all of their logs. */
const BATCHES = '/batch';

class TableStore implements Store {
	readonly name: string;
	private readonly cells: Cells;
	private readonly logs = new Map<string, RunLog>();

	constructor({ table, runtime }: TableStoreOptions) {
		this.name = table.name;
		this.cells = new Cells(table, runtime);
	}

	async append(entries: readonly LogEntry[], guard?: DocumentVersion): Promise<number[]> {
		checkEntries(entries);
		if (entries.length === 0) return [];
		const parts = partsOf(entries);
		if (guard !== undefined || parts.length > 1) return await this.appendAccepted(entries, guard);
		const { runId, bodies } = parts[0]!;
		const first = await this.log(runId).append(bodies);
		return entries.map((_, index) => first + index);
	}

	/**
	 * First one write of one cell, which accepts all of the records or none; then they are brought
	 * into their logs. When this process dies in between, whoever changes that cell next does it.
	 */
	private async appendAccepted(
		entries: readonly LogEntry[],
		guard: DocumentVersion | undefined,
	): Promise<number[]> {
		const parts = partsOf(entries);
		const id = this.cells.newToken();
		const epochs = await Promise.all(parts.map(async ({ runId }) => await this.log(runId).epoch()));
		const intent = JSON.stringify(parts);
		if (guard === undefined) {
			const row = this.cells.make({ collection: BATCHES, key: id }, placeholder(id, intent));
			await this.cells.table.run([{ do: 'insert', row }]);
		} else {
			await this.acceptUnder(guard, id, intent);
		}
		const firsts = await this.apply(id, parts, epochs);
		if (guard === undefined) {
			const match = where({ collection: BATCHES, key: id });
			await this.cells.table.run([{ do: 'remove', match }]);
		}
		return entries.map(({ runId }) => {
			const seq = firsts.get(runId)!;
			firsts.set(runId, seq + 1);
			return seq;
		});
	}

	/** @throws {StoreConflictError} when the guard does not hold */
	private async acceptUnder(guard: DocumentVersion, token: string, intent: string): Promise<void> {
		const { collection, id: key, version, status } = guard;
		const at = { version, ...(status === undefined ? {} : { status }) };
		const match = where({ collection, key, state: 'live', ...at, intent: '' });
		for (;;) {
			const accept = { do: 'update' as const, match, set: { token, intent } };
			if ((await this.cells.table.run([accept])).length > 0) return;
			const seen = await this.settledCell({ collection, key });
			if (!isAt(seen, version, status)) {
				throw new StoreConflictError(collection, key, version);
			}
			if (seen === undefined) {
				const made = await this.cells.create({ collection, key }, placeholder(token, intent));
				if (made !== undefined) return;
			}
		}
	}

	/** Brings accepted records into their logs. @returns the number of the first one in each */
	private async apply(
		id: string,
		parts: readonly RunPart[],
		epochs: readonly number[] = [],
	): Promise<Map<string, number>> {
		const firsts = new Map<string, number>();
		for (const [index, { runId, bodies }] of parts.entries()) {
			const epoch = epochs[index];
			const accepted = { id, last: index === parts.length - 1, ...(epoch && { epoch }) };
			firsts.set(runId, await this.log(runId).append(bodies, accepted));
		}
		return firsts;
	}

	/** A cell as it is once what was accepted under it is in its logs. */
	private async settledCell(name: CellName): Promise<TableRow | undefined> {
		for (;;) {
			const row = await this.cells.find(name);
			if (row === undefined || row.intent === '') return row;
			await this.apply(row.token, parse(intentSchema, parseJson(row.intent), 'Accepted records'));
		}
	}

	private log(runId: string): RunLog {
		let log = this.logs.get(runId);
		if (log === undefined) this.logs.set(runId, (log = new RunLog(this.cells, runId)));
		return log;
	}

	async read(runId: string, range: LogRange = {}): Promise<LogRow[]> {
		return await this.log(runId).read(range);
	}

	async cut(runId: string, range: LogCut): Promise<number> {
		return await this.log(runId).cut(range);
	}

	async get(collection: string, id: string): Promise<StoredDocument | undefined> {
		const row = await this.cells.find({ collection, key: id });
		return row === undefined || row.version === 0 ? undefined : documentOf(row);
	}

	async put(write: DocumentWrite): Promise<StoredDocument> {
		checkWrite(write);
		const { collection, id: key, version, seenStatus, value, status = '', runId: run = '' } = write;
		const name = { collection, key, ...(seenStatus === undefined ? {} : { status: seenStatus }) };
		const content = { value, status, run };
		for (let seen = version; ; ) {
			const row = await this.write(name, seen, content);
			if (row !== undefined) return documentOf(row);
			const now = await this.settledCell(name);
			const current = now?.version ?? 0;
			if (version !== 'any' && !isAt(now, version, seenStatus)) {
				throw new StoreConflictError(collection, key, version);
			}
			// A place that was held for it already can only be changed.
			seen = now === undefined ? 0 : current;
			if (now !== undefined && current === 0) {
				const changed = await this.cells.change(now, content);
				if (changed !== undefined) return documentOf(changed);
			}
		}
	}

	private async write(
		name: Omit<SeenCell, 'version'>,
		version: number | 'any',
		content: CellContent,
	): Promise<TableRow | undefined> {
		if (version === 'any') return undefined;
		if (version === 0) return await this.cells.create(name, content);
		return await this.cells.change({ ...name, version }, content);
	}

	async list(collection: string, query: ListQuery = {}): Promise<DocumentPage> {
		const { limit, offset } = pageOf(query);
		const rows = await this.cells.table.run([{ do: 'find', match: selection(collection, query) }]);
		const matching = listed(rows, query);
		const documents = matching.slice(offset, offset + limit).map(documentOf);
		return { documents, total: matching.length };
	}

	async remove(collection: string, id: string, version?: number): Promise<boolean> {
		for (;;) {
			const row = await this.settledCell({ collection, key: id });
			if (row === undefined || row.version === 0) return false;
			if (version !== undefined && version !== row.version) return false;
			if (await this.cells.remove(row)) return true;
		}
	}

	async measureRun(runId: string): Promise<RunSize> {
		return sizeOf(await this.cells.table.run([{ do: 'find', match: where({ run: runId }) }]));
	}

	async removeRun(runId: string): Promise<RunSize> {
		const removed = await this.cells.table.run([{ do: 'remove', match: where({ run: runId }) }]);
		this.logs.delete(runId);
		return sizeOf(removed);
	}

	async close(): Promise<void> {
		await Promise.resolve();
	}
}

/** The content of a cell that nothing was written to yet. */
function placeholder(token: string, intent: string): CellContent {
	return { value: '', status: '', run: '', version: 0, token, intent };
}

/** The records of each run, in order. */
function partsOf(entries: readonly LogEntry[]): RunPart[] {
	const parts = new Map<string, string[]>();
	for (const { runId, body } of entries) {
		const bodies = parts.get(runId);
		if (bodies === undefined) parts.set(runId, [body]);
		else bodies.push(body);
	}
	return Array.from(parts, ([runId, bodies]) => ({ runId, bodies }));
}

function documentOf(row: TableRow): StoredDocument {
	const { collection, key: id, version, value, status, run: runId, changed: updatedAt } = row;
	return { collection, id, version, value, status, runId, updatedAt };
}
