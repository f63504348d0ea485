import type { Cause } from '../core';
import { CANCEL_PATH, UNDO_PATH } from './ending';
import type { Verdict } from './outcome';
import type { RunCore } from './runCore';

/**
 * Takes in what an earlier process recorded about the run as a whole.
 *
 * @returns how the run had ended, when it had begun to be undone
 */
export async function recover(run: RunCore): Promise<Verdict | undefined> {
	const { journal } = run.options;
	if (journal === undefined) return undefined;
	// A thousand completions a millisecond: more than any process manages.
	run.order = (await journal.lastOrder?.()) ?? run.now() * 1000;
	run.hasPast = run.order > 0;
	const cancelled = await journal.find(CANCEL_PATH, '');
	const undoing = await journal.find(UNDO_PATH, '');
	if (cancelled !== undefined || undoing !== undefined) run.hasPast = true;
	if (cancelled?.status === 'completed') run.stopping ??= cancelled.result!.output as Cause;
	if (undoing?.status !== 'completed') return undefined;
	run.stopping ??= run.cause('shutdown', 'An earlier process had begun to undo the run.');
	return undoing.result!.output as Verdict;
}
