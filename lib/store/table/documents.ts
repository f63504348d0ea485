import type { ListQuery, RunSize } from '../store';
import { readManifest, rowsOf } from './manifest';
import { LOGS, SEGMENTS } from './runLog';
import type { TableCondition, TableMatch, TableRow } from './table';

/** Rows that a list is made of, as far as the table can tell. */
export function selection(
	collection: string,
	{ status, runId, updatedBefore }: ListQuery,
): TableMatch {
	const conditions: TableCondition[] = [
		{ column: 'collection', is: 'equal', value: collection },
		{ column: 'state', is: 'equal', value: 'live' },
	];
	if (status?.length === 1) conditions.push({ column: 'status', is: 'equal', value: status[0]! });
	if (runId !== undefined) conditions.push({ column: 'run', is: 'equal', value: runId });
	if (updatedBefore !== undefined) {
		conditions.push({ column: 'changed', is: 'less', value: updatedBefore });
	}
	return { conditions };
}

/** What of it belongs to the list, in its order. */
export function listed(rows: readonly TableRow[], query: ListQuery): TableRow[] {
	const { status, idPrefix = '', oldestFirst = false } = query;
	const matching = rows.filter(
		(row) =>
			row.version > 0 &&
			(status === undefined || status.includes(row.status)) &&
			row.key.startsWith(idPrefix),
	);
	matching.sort((a, b) => a.changed - b.changed || (a.key < b.key ? -1 : 1));
	return oldestFirst ? matching : matching.reverse();
}

/** How much the rows of a run hold. */
export function sizeOf(rows: readonly TableRow[]): RunSize {
	const live = rows.filter(({ state }) => state === 'live');
	const documents = live.filter(
		({ collection, version }) => !collection.startsWith('/') && version > 0,
	);
	const bodies = live
		.filter(({ collection }) => collection === LOGS)
		.flatMap((log) => {
			const parts = new Map(
				live
					.filter(({ collection }) => collection === SEGMENTS)
					.map(({ key, value }) => [key, JSON.parse(value) as string[]]),
			);
			return rowsOf(readManifest(log.value), {}, ({ key }) => parts.get(key)).map(
				({ body }) => body,
			);
		});
	const texts = [...bodies, ...documents.map(({ value }) => value)];
	return {
		records: bodies.length,
		documents: documents.length,
		bytes: texts.reduce((sum, { length }) => sum + length, 0),
	};
}
