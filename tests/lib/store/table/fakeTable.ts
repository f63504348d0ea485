import type { Table, TableCondition, TableMatch, TableRow, TableStep } from '../../../../lib';

/** What several processes share: rows without any order or key. */
export type Rows = TableRow[];

/**
 * A table as n8n's Data Tables are: a step is atomic, steps are not, and nothing is unique.
 *
 * @param pause - lets others go first; called before every step
 */
export function fakeTable(rows: Rows, pause: () => Promise<void>): Table {
	const take = (step: TableStep, before: TableRow[][]): TableRow[] => {
		if (step.do === 'insert') {
			rows.push({ ...step.row });
			return [{ ...step.row }];
		}
		const matching = rows.filter((row) => matches(row, step.match));
		if (step.do === 'remove') {
			for (const row of matching) rows.splice(rows.indexOf(row), 1);
		} else if (step.do === 'update') {
			if (step.ifOneIn !== undefined && before[step.ifOneIn]!.length !== 1) return [];
			for (const row of matching) Object.assign(row, step.set);
		}
		return matching.map((row) => ({ ...row }));
	};
	return {
		name: 'a table',
		run: async (steps) => {
			const results: TableRow[][] = [];
			for (const step of steps) {
				await pause();
				results.push(take(step, results));
			}
			await pause();
			return results.at(-1)!;
		},
	};
}

function matches(row: TableRow, { conditions, any = false }: TableMatch): boolean {
	const holds = ({ column, is, value }: TableCondition): boolean => {
		if (is === 'filled') return row[column] !== '';
		return is === 'equal' ? row[column] === value : row[column] < value!;
	};
	return any ? conditions.some(holds) : conditions.every(holds);
}

/** Lets others go first that many times. */
export async function turns(count: number): Promise<void> {
	for (let turn = 0; turn <= count; turn++) await Promise.resolve();
}

/** A sequence of numbers in [0, 1) that is the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}
