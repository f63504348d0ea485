import { isExpression } from 'n8n-workflow';
import type { IExecuteFunctions } from 'n8n-workflow';

import { isQueueMode, onRunCancelled } from '../../lib';
import { cancelSignalOf } from './cancel';
import { DEFAULT_RUN_KEY } from './runFields';
import { n8nRuntime } from './runtime';
import { openSteps } from './steps';

/** To ask a Data Table is an execution of its own: not every second. */
const TABLE_LOOK_MS = 15_000;

/**
 * Does work that can be ended early: by n8n, and by the Cancel of Agent Workflow, which knows the run
 * by its key. Items of several runs are not ended by the cancel of one.
 *
 * @param work - gets the signal that aborts then
 */
export async function cancellable<Result>(
	context: IExecuteFunctions,
	work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
	const wish = new AbortController();
	const signal = AbortSignal.any([cancelSignalOf(context), wish.signal]);
	// A run that cannot be opened is told by its tasks.
	const steps = isOneRun(context) ? await openSteps(context, 0).catch(() => undefined) : undefined;
	if (steps === undefined) return await work(signal);
	const { store, runKey: runId } = steps;
	const isTable = isQueueMode() && context.getNode().parameters.store !== 'credential';
	const stop = onRunCancelled(
		{ store, runtime: n8nRuntime, runId, ...(isTable && { lookMs: TABLE_LOOK_MS }) },
		(reason) => wish.abort(reason),
	);
	return await work(signal).finally(stop);
}

/** Whether all items have the same run key for sure. */
function isOneRun(context: IExecuteFunctions): boolean {
	const raw = context.getNode().parameters.runKey;
	return raw === DEFAULT_RUN_KEY || !isExpression(raw) || context.getInputData().length === 1;
}
