/**
 * The least that a table must do for a store to be built on it: n8n's Data Tables promise no more.
 *
 * Each step is atomic by itself; steps together are not. There are no unique keys, and no
 * "insert unless it exists". An `update` that asks for a version has exactly one winner.
 */
export interface Table {
	/** For messages, e.g. `Data Table "agent_swarm"`. */
	readonly name: string;

	/**
	 * Takes the steps one after another.
	 *
	 * @returns the rows of the last step: inserted, found, as updated, or removed
	 * @throws {StoreUnavailableError} when the table cannot be reached or written
	 */
	run(steps: readonly TableStep[]): Promise<TableRow[]>;
}

/** One row: a document, the log of a run, or a part of a log. */
export interface TableRow {
	/** With `key`, names the cell that the row is the content of. */
	collection: string;
	key: string;
	/** A candidate is invisible until it has turned out to be the only row of its cell. */
	state: 'candidate' | 'live';
	/** Names the write that the row stems from. */
	token: string;
	/** 0 for a cell that only holds a place: nothing was written to it yet. */
	version: number;
	value: string;
	status: string;
	/** The run that owns it. */
	run: string;
	/** Milliseconds since the epoch, by the clock of the writer. */
	changed: number;
	/** Records that were accepted under this cell and may not be in their logs yet; usually empty. */
	intent: string;
}

/** A column and what it must be. */
export interface TableCondition {
	column: keyof TableRow;
	is: 'equal' | 'less' | 'filled';
	/** Left out for `filled`. */
	value?: string | number;
}

/** Rows to look at: those for which all (or any) conditions hold. */
export interface TableMatch {
	conditions: TableCondition[];
	/** Default false: all must hold. */
	any?: boolean;
}

/** One step. */
export type TableStep =
	| { do: 'insert'; row: TableRow }
	| { do: 'find'; match: TableMatch }
	| { do: 'remove'; match: TableMatch }
	| {
			do: 'update';
			match: TableMatch;
			set: Partial<TableRow>;
			/** Only when the step with this number (0, 1, …) gave exactly one row. */
			ifOneIn?: number;
	  };

/** All of these columns are equal to these values. */
export function where(values: Partial<TableRow>): TableMatch {
	const columns = Object.keys(values) as Array<keyof TableRow>;
	return {
		conditions: columns.map((column) => ({ column, is: 'equal', value: values[column]! })),
	};
}

/** Any row whose column has one of these values. */
export function whereAny(
	column: keyof TableRow,
	values: ReadonlyArray<string | number>,
): TableMatch {
	return { any: true, conditions: values.map((value) => ({ column, is: 'equal', value })) };
}
