import type { Runtime } from '../../core';
import { StoreUnavailableError } from '../errors';
import { where, type Table, type TableRow } from './table';

/** What a cell is called. */
export interface CellName {
	collection: string;
	key: string;
}

/** A cell at a version. */
export interface SeenCell extends CellName {
	version: number;
	/** And in this state. Default: any. */
	status?: string;
}

/** What can be written into a cell. */
export type CellContent = Pick<TableRow, 'value' | 'status' | 'run'> &
	Partial<Pick<TableRow, 'version' | 'intent' | 'token'>>;

/** Pause before a name that several writers wanted at once is tried again, in milliseconds. */
const FIRST_PAUSE_MS = 30;
const LONGEST_PAUSE_MS = 1000;
const MOST_ATTEMPTS = 30;

/**
 * Cells with compare-and-set on a table that knows no unique keys.
 *
 * A new cell is made by putting in a candidate, looking at all rows of that name, and making the
 * candidate live if it was alone. Of two writers at once, the one that looks last sees both rows,
 * so at most one finds itself alone. Writers who were not alone take their candidate back and try
 * again after an uneven pause, first removing what crashed writers left: a candidate that is gone
 * can no longer become live.
 */
export class Cells {
	/** What this process is making now, by name. */
	private readonly creating = new Map<string, Promise<unknown>>();

	constructor(
		readonly table: Table,
		private readonly runtime: Pick<Runtime, 'now' | 'newId' | 'random' | 'sleep'>,
	) {}

	async find({ collection, key }: CellName): Promise<TableRow | undefined> {
		const match = where({ collection, key, state: 'live' });
		const [row] = await this.table.run([{ do: 'find', match }]);
		return row;
	}

	/** Names one write, or one row. */
	newToken(): string {
		return this.runtime.newId();
	}

	/** A row that is not in the table yet. */
	make({ collection, key }: CellName, content: CellContent): TableRow {
		return {
			version: 1,
			intent: '',
			token: this.newToken(),
			...content,
			collection,
			key,
			state: 'live',
			changed: this.runtime.now(),
		};
	}

	/** Makes a cell. @returns undefined when there is one already */
	async create(name: CellName, content: CellContent): Promise<TableRow | undefined> {
		const cell = `${name.collection}\n${name.key}`;
		const before = this.creating.get(cell);
		// Writers of this process wait for each other instead of getting into each other's way.
		const work = (before ?? Promise.resolve()).then(async () => {
			const isMade = before !== undefined && (await this.find(name)) !== undefined;
			return isMade ? undefined : await this.compete(name, content);
		});
		const settled = work.catch(() => undefined);
		this.creating.set(cell, settled);
		return await work.finally(() => {
			if (this.creating.get(cell) === settled) this.creating.delete(cell);
		});
	}

	private async compete(name: CellName, content: CellContent): Promise<TableRow | undefined> {
		const { collection, key } = name;
		const candidates = where({ collection, key, state: 'candidate' });
		for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
			const row = this.make(name, { ...content, token: content.token ?? this.newToken() });
			const own = where({ collection, key, state: 'candidate', token: row.token });
			const [made] = await this.table.run([
				{ do: 'insert', row: { ...row, state: 'candidate' } },
				{ do: 'find', match: where({ collection, key }) },
				{ do: 'update', match: own, set: { state: 'live' }, ifOneIn: 1 },
			]);
			if (made !== undefined) return made;
			await this.table.run([{ do: 'remove', match: own }]);
			if ((await this.find(name)) !== undefined) return undefined;
			const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
			await this.runtime.sleep(longest * (0.5 + this.runtime.random()));
			await this.table.run([{ do: 'remove', match: candidates }]);
		}
		throw new StoreUnavailableError(this.table.name, `make "${key}" of "${collection}"`, {
			hint: 'Too many executions write the same name at the same moment. Run again.',
		});
	}

	/**
	 * Writes a cell that is still as it was seen.
	 *
	 * @returns undefined when somebody else has written it, or records wait in its `intent`
	 */
	async change(seen: SeenCell, set: Partial<TableRow>): Promise<TableRow | undefined> {
		const [row] = await this.table.run([this.changing(seen, set)]);
		return row;
	}

	/** The step that {@link change} takes. */
	changing({ collection, key, version, status }: SeenCell, set: Partial<TableRow>) {
		const seen = { version, ...(status === undefined ? {} : { status }) };
		const match = where({ collection, key, state: 'live', ...seen, intent: '' });
		const stamp = { version: version + 1, token: this.newToken(), changed: this.runtime.now() };
		return { do: 'update' as const, match, set: { ...stamp, ...set } };
	}

	/** Removes a cell that is still as it was seen. @returns whether it was */
	async remove({ collection, key, version }: SeenCell): Promise<boolean> {
		const match = where({ collection, key, state: 'live', version, intent: '' });
		const removed = await this.table.run([{ do: 'remove', match }]);
		return removed.length > 0;
	}
}
