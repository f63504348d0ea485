import type { Cause, SerializedError } from '../core';
import type { RunOutcome, RunStatus } from '../run';
import type { Ending } from './ending';
import type { RunCore } from './runCore';

/** How a run went. */
export interface RunResult {
	runId: string;
	status: Extract<RunStatus, 'completed' | 'failed' | 'cancelled' | 'timed_out'>;
	outcome: RunOutcome;
	/** Outputs of the completed steps by id. */
	readonly outputs: Readonly<Record<string, unknown>>;
	/** The failure that decided it, when it did not complete. */
	error?: SerializedError;
	/** Why it was stopped, when it was. */
	cause?: Cause;
	/** What could not be undone. */
	compensationErrors: Array<{ path: string; error: SerializedError }>;
	/** Milliseconds since the epoch. */
	startedAt: number;
	endedAt: number;
}

export function resultOf(run: RunCore, ending: Ending): RunResult {
	const { runId, startedAt, endedAt, list } = run;
	return {
		runId,
		...ending,
		startedAt,
		endedAt,
		get outputs() {
			const outputs: Record<string, unknown> = {};
			for (const { id, status, output } of list) if (status === 'completed') outputs[id] = output;
			return outputs;
		},
	};
}
