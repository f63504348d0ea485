import { CANCEL_PATH, END_PATH, UNDO_PATH } from '../../../lib';
import type { Journal, Ledger } from '../../../lib';
import type { NodeSteps } from '../../shared/steps';

/**
 * Where a graph of tasks remembers what is done: among the records of the node's run.
 *
 * A run that was undone has nothing left to go on with, so the next one begins a new round. That
 * the last execution was stopped by somebody does not stop this one.
 *
 * @param key - names the graph within the node; empty when there is only one
 */
export function graphJournal(steps: NodeSteps, key: string): Journal {
	const { ledger, part } = steps;
	const prefix = roundFor(steps, key === '' ? part : `${part}/${key}`);
	return {
		find: async (path, inputHash) =>
			path === CANCEL_PATH ? undefined : await ledger.find(prefix + path, inputHash),
		started: (path, inputHash, attempt) => ledger.started(prefix + path, inputHash, attempt),
		completed: (path, inputHash, result) => ledger.completed(prefix + path, inputHash, result),
		failed: (path, inputHash, attempt, error) =>
			ledger.failed(prefix + path, inputHash, attempt, error),
	};
}

/** The last round, unless it is to be left alone: then the one after it. */
function roundFor({ ledger, reuse }: NodeSteps, base: string): string {
	const last = lastRound(ledger, base);
	if (last === 0) return roundPrefix(base, 1);
	const prefix = roundPrefix(base, last);
	const isRecorded = (path: string) => ledger.entry(prefix + path, '') !== undefined;
	const isUndone = isRecorded(UNDO_PATH) && isRecorded(END_PATH);
	return reuse && !isUndone ? prefix : roundPrefix(base, last + 1);
}

function roundPrefix(base: string, round: number): string {
	return round === 1 ? `${base}/` : `${base}/@${round}/`;
}

/** The number of the last round that something is recorded of; 0 when there is none. */
function lastRound(ledger: Ledger, base: string): number {
	let last = 0;
	for (const { record } of ledger.entries()) {
		if (!record.path.startsWith(`${base}/`)) continue;
		const named = /^@(\d+)\//.exec(record.path.slice(base.length + 1));
		last = Math.max(last, named === null ? 1 : Number(named[1]));
	}
	return last;
}
