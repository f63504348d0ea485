import { messageOf } from '../core';
import { isRunEnded } from '../run';
import { ACTIVE, type Executions } from './executions';
import type { ActiveRuns } from './activeRuns';

/** What became of executions that nobody ran. */
export interface Recovery {
	/** Ids of those that go on now. */
	resumed: string[];
	/** Those that could not go on, and why. */
	failed: Array<{ runId: string; reason: string }>;
}

/** What recovering needs. */
export interface RecoveryOptions {
	executions: Executions;
	runs: ActiveRuns;
	isHere: (runId: string) => boolean;
	resume: (runId: string) => Promise<void>;
	now: () => number;
}

/**
 * Goes on with every execution that stopped without a wish: its process died, or the time of its
 * wait is up. Those that are paused or wait for people stay as they are.
 */
export async function recoverAll(options: RecoveryOptions): Promise<Recovery> {
	const { executions, resume } = options;
	const recovery: Recovery = { resumed: [], failed: [] };
	for (const { runId } of await executions.all({ status: ACTIVE })) {
		if (!(await needsRecovery(runId, options))) continue;
		await resume(runId).then(
			() => recovery.resumed.push(runId),
			(error: unknown) => recovery.failed.push({ runId, reason: messageOf(error) }),
		);
	}
	return recovery;
}

async function needsRecovery(
	runId: string,
	{ executions, runs, isHere, now }: RecoveryOptions,
): Promise<boolean> {
	if (isHere(runId)) return false;
	const { status, wakeAt } = await executions.get(runId);
	// Its process died right at the end, and left the list a step behind: stored again as it is.
	if (isRunEnded(status)) await executions.change(runId, (record) => record);
	if (isRunEnded(status) || status === 'paused') return false;
	if (status === 'waiting' && (wakeAt === undefined || wakeAt > now())) return false;
	return (await runs.holder(runId)) === undefined;
}
