import type { Runtime } from '../core';
import { isRunEnded } from '../run';
import type { ActiveRuns } from './activeRuns';
import type { Command, Commands } from './commands';
import type { Executions } from './executions';

/** What a command goes through to another process. */
export interface RemoteOptions {
	runtime: Runtime;
	executions: Executions;
	commands: Commands;
	runs: ActiveRuns;
}

/** How often the sender of a command looks for the reply, in milliseconds. */
const LOOK_MS = 100;

/** A command to an execution of another process. @returns nothing when that process is gone */
export async function overStore(
	runId: string,
	command: Command,
	options: RemoteOptions,
): Promise<{ reply: unknown } | undefined> {
	const { commands, runs, runtime, executions } = options;
	const id = await commands.send(runId, command);
	for (;;) {
		await runtime.sleep(LOOK_MS);
		const outcome = await commands.outcome(id);
		if (outcome !== undefined) return await followed(runId, command, outcome, options);
		const gone =
			(await runs.holder(runId)) === undefined || isRunEnded((await executions.get(runId)).status);
		if (gone) return await commands.withdraw(id);
	}
}

/** Cancelling and pausing take their time: the reply is that they have begun. */
async function followed(
	runId: string,
	{ type }: Command,
	outcome: { reply: unknown },
	{ runs, runtime, executions }: RemoteOptions,
): Promise<{ reply: unknown }> {
	if (type !== 'cancel' && type !== 'pause') return outcome;
	while ((await runs.holder(runId)) !== undefined) await runtime.sleep(LOOK_MS);
	const { status, checkpoint = null } = await executions.get(runId);
	return { reply: type === 'pause' && status === 'paused' ? checkpoint : null };
}
