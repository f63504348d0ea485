import type { Runtime } from '../core';
import type { Call } from './call';
import { Retry } from './retry';
import { retryPolicy, type RetryPolicy } from './retryPolicy';
import { runShielded } from './shielded';

/** Undoes one completed step. It must bear being called for something that has nothing to undo. */
export interface Compensation {
	/** Path of the step it undoes. */
	stepPath: string;
	run: Call<unknown>;
	/** Default: as {@link retryPolicy} says. */
	retry?: RetryPolicy;
	/** Steps that ran side by side share a number, so that they may be undone side by side. */
	wave?: number;
	/** `done` from before a restart is not done again. */
	status?: CompensationStatus;
}

export type CompensationStatus = 'pending' | 'running' | 'done' | 'failed';

export interface CompensationOptions {
	/** Bound for each attempt, in milliseconds. Default 10000. */
	cleanupTimeoutMs?: number;
	/** Whether the steps of one wave are undone at the same time. Default false. */
	parallelWaves?: boolean;
	/** Told of each change, to record it; awaited, so that a record is written before what follows. */
	onStatus?: (
		stepPath: string,
		status: CompensationStatus,
		error?: unknown,
	) => void | Promise<void>;
}

/** How undoing went. */
export interface CompensationReport {
	/** Paths of the steps that are undone, in the order in which that happened. */
	done: string[];
	failed: Array<{ stepPath: string; error: unknown }>;
}

/**
 * Undoes completed steps, the last completed first. Cancels do not reach it; each attempt is
 * bounded in time. One that fails for good does not stop the others.
 *
 * @param completed - compensations in the order in which their steps completed
 * @see Garcia-Molina, Salem, "Sagas", SIGMOD 1987
 */
export async function compensate(
	completed: readonly Compensation[],
	runtime: Pick<Runtime, 'monotonic' | 'random' | 'setTimer' | 'sleep'>,
	options: CompensationOptions = {},
): Promise<CompensationReport> {
	const report: CompensationReport = { done: [], failed: [] };
	const undo = async (compensation: Compensation): Promise<void> => {
		const { stepPath } = compensation;
		await options.onStatus?.(stepPath, 'running');
		const failure = await attempt(compensation, runtime, options);
		if (failure === undefined) report.done.push(stepPath);
		else report.failed.push({ stepPath, error: failure.error });
		await options.onStatus?.(stepPath, failure === undefined ? 'done' : 'failed', failure?.error);
	};
	const open = completed.filter(({ status }) => status !== 'done').reverse();
	for (const group of groups(open, options.parallelWaves === true)) {
		await Promise.all(group.map(undo));
	}
	return report;
}

/** @returns the failure, or nothing */
async function attempt(
	compensation: Compensation,
	runtime: Pick<Runtime, 'monotonic' | 'random' | 'setTimer' | 'sleep'>,
	options: CompensationOptions,
): Promise<{ error: unknown } | undefined> {
	const retry = new Retry(compensation.retry ?? retryPolicy(), runtime);
	return await retry
		.attempts((number) => runShielded(compensation.run, runtime, options.cleanupTimeoutMs, number))
		.then(
			() => undefined,
			(error: unknown) => ({ error }),
		);
}

/** What is undone at the same time: neighbours of one wave, or each alone. */
function groups(ordered: readonly Compensation[], parallelWaves: boolean): Compensation[][] {
	const result: Compensation[][] = [];
	let last: Compensation | undefined;
	for (const compensation of ordered) {
		const sameWave = compensation.wave !== undefined && compensation.wave === last?.wave;
		if (parallelWaves && sameWave) result.at(-1)!.push(compensation);
		else result.push([compensation]);
		last = compensation;
	}
	return result;
}
