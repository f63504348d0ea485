import { BUDGET_EXCEEDED } from '../budget';
import { retryPolicy } from '../resilience';
import type { Cause, SerializedError } from '../core';
import type { RunOutcome } from '../run';
import type { Edge, Step } from './step';
import type { RunCore } from './runCore';

/** How a run ends. */
export interface Verdict {
	status: 'completed' | 'failed' | 'cancelled' | 'timed_out';
	outcome: RunOutcome;
	error?: SerializedError;
	cause?: Cause;
}

/**
 * Judges a run whose steps have all ended.
 *
 * It fails with the first step that failed, timed out or was cancelled, unless nobody insisted on
 * that step; then it is completed with outcome `partial`. Steps that were skipped do not count:
 * either their condition was false, or the step they needed already counts. Neither do steps that
 * the budget refused, when the run is to make do with it.
 */
export function judge(run: RunCore): Verdict {
	const { stopping, stopAs, fatal } = run;
	if (fatal !== undefined) return { status: 'failed', outcome: 'failure', error: fatal };
	const failed = firstInsistedOn(run);
	if (stopping !== undefined) {
		const error = failed && stepError(failed);
		return { status: stopAs, outcome: 'failure', cause: stopping, ...(error && { error }) };
	}
	if (failed !== undefined) {
		return { status: 'failed', outcome: 'failure', error: stepError(failed) };
	}
	const cause = budgetCause(run);
	const outcome = run.list.some(hasFailed) ? 'partial' : 'success';
	return { status: 'completed', outcome, ...(cause && { cause }) };
}

/** Why a run is only partly done that had to make do with its budget. */
function budgetCause(run: RunCore): Cause | undefined {
	const refused = run.list.find((step) => isRefused(run, step));
	return refused && run.cause('budget', refused.error!.message, refused.id);
}

/** Whether the budget refused a step, and the run is to make do with what there is. */
function isRefused({ options }: RunCore, { status, error }: Step): boolean {
	const { onHard = 'fail' } = options.budget ?? {};
	return onHard === 'partial' && status === 'failed' && error!.code === BUDGET_EXCEEDED;
}

/** Whether the run may complete although this step did not. */
export function isTolerated(run: RunCore, step: Step): boolean {
	if (isRefused(run, step)) return true;
	if (step.definition.optional === true) return true;
	const { plan, outgoing } = step;
	// Who counts on a step insists on it.
	if (plan.dependents.length > 0) return false;
	return outgoing !== undefined && outgoing.every(toleratesFailure);
}

export function hasFailed({ status }: Step): boolean {
	return status === 'failed' || status === 'timed_out' || status === 'cancelled';
}

function toleratesFailure({ config, to }: Edge): boolean {
	const { type } = config;
	if (type === 'optional' || type === 'timeout') return true;
	return (type === 'or' || type === 'xor') && to.status !== 'skipped' && to.status !== 'failed';
}

/** The failed step that ended first; one that was only cancelled comes after all others. */
function firstInsistedOn(run: RunCore): Step | undefined {
	let first: Step | undefined;
	for (const step of run.list) {
		if (!hasFailed(step) || isTolerated(run, step)) continue;
		if (first === undefined || weighsMore(step, first)) first = step;
	}
	return first;
}

function weighsMore(step: Step, than: Step): boolean {
	const isCancelled = step.status === 'cancelled';
	if (isCancelled !== (than.status === 'cancelled')) return !isCancelled;
	return step.endedAt < than.endedAt;
}

/** The innermost level that retries has the last word: a retry around the run would multiply it. */
function retriesItself({ definition }: Step): boolean {
	return definition.retry !== undefined && retryPolicy(definition.retry).maxAttempts > 1;
}

function stepError(step: Step): SerializedError {
	const { id, path, status, error, cause } = step;
	const why = (error ?? cause)!.message;
	const words = status === 'timed_out' ? 'timed out' : status;
	return {
		code: error?.code ?? 'STEP_CANCELLED',
		errorClass: error?.errorClass ?? 'abort',
		message: `Step "${path}" ${words === 'cancelled' ? 'was cancelled' : words}: ${why}`,
		retryable: error?.retryable === true && !retriesItself(step),
		...(error?.hint === undefined ? {} : { hint: error.hint }),
		details: { ...error?.details, stepId: id },
	};
}
