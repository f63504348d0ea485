import { messageOf } from '../core';
import { runShielded } from '../resilience';
import type { JournaledResult } from '../run';
import type { RunCore } from './runCore';

/** Records something about the run that is not the result of a step. */
export async function recordFact(run: RunCore, path: string, output: unknown): Promise<void> {
	await record(run, path, { output, attempt: 1, order: 0 }, '');
}

/**
 * Records a result. One that cannot be recorded costs repetition, not the run; no cancel stops it,
 * and it is bounded in time.
 */
export async function record(
	run: RunCore,
	path: string,
	result: JournaledResult,
	inputHash: string,
): Promise<void> {
	const { journal, runtime, cleanupTimeoutMs } = run.options;
	if (journal === undefined) return;
	const save = async (): Promise<void> => await journal.completed(path, inputHash, result);
	await runShielded(save, runtime, cleanupTimeoutMs).catch((error: unknown) =>
		run.events.emit('run.not_recorded', undefined, undefined, { path, error: messageOf(error) }),
	);
}
