import { serializeError, TimeoutError, type SerializedError } from '../core';
import {
	decideRetry,
	hasStandIn,
	retryPolicy,
	type RetryDecision,
	type RetryPolicy,
} from '../resilience';
import type { Attempt } from './attempt';
import { goOnInLine } from './lineClock';
import { MAX_IN_RUN_WAIT_MS } from './limits';
import { holdPlace, onLate } from './places';
import { endAsCancelled, endAttempt, recordResult, whenRecorded } from './results';
import type { RunCore } from './runCore';
import type { Step } from './step';

type Refusal = Exclude<RetryDecision, { retry: true }>;

/**
 * The attempt has failed.
 *
 * @param settled - false for a timeout: the body may still run and keeps its place for a while
 */
export function onFailed(run: RunCore, attempt: Attempt, error: unknown, settled = true): void {
	attempt.limits?.stop();
	if (!attempt.isOpen) return onLate(run, attempt, 'failed');
	run.clearTimer(attempt.placeTimer);
	const { step } = attempt;
	run.forgetWaits(step);
	if (!settled) holdPlace(run, attempt);
	if (attempt.cancelledBy !== undefined) return endAsCancelled(run, attempt);
	if (attempt.preempted) return lineUpAgain(run, attempt);
	const policy = step.definition.retry === undefined ? undefined : policyOf(step);
	const decision = policy && decide(run, attempt, policy, error);
	if (decision?.retry === true) return backOff(run, attempt, decision.delayMs, error);
	giveUp(run, attempt, error, policy, decision?.retry === false ? decision : undefined);
}

/** The retry policy of a step, checked and completed once. */
export function policyOf(step: Step): RetryPolicy {
	const { extras } = step;
	return (extras.policy ??= retryPolicy(step.definition.retry));
}

function decide(
	run: RunCore,
	attempt: Attempt,
	policy: RetryPolicy,
	error: unknown,
): RetryDecision {
	const { extras, definition, attempt: number } = attempt.step;
	const now = run.options.runtime.monotonic();
	const limitMs = definition.timeouts?.scheduleToCloseMs;
	const decision = decideRetry(
		policy,
		{
			error,
			attempt: number - (extras.attemptBase ?? 0),
			elapsedMs: now - extras.firstStartAt!,
			previousDelayMs: extras.delayMs,
			remainingMs: limitMs === undefined ? undefined : limitMs - (now - extras.scheduledAt!),
		},
		() => run.options.runtime.random(),
	);
	const { maxInRunWaitMs = MAX_IN_RUN_WAIT_MS } = run.options;
	if (!decision.retry || decision.delayMs <= maxInRunWaitMs) return decision;
	return {
		retry: false,
		reason: 'deadline',
		message: `The next attempt would start in ${decision.delayMs} ms; a run waits ${maxInRunWaitMs} ms at most.`,
	};
}

function backOff(run: RunCore, attempt: Attempt, delayMs: number, error: unknown): void {
	const { step } = attempt;
	const { extras } = step;
	step.current = undefined;
	step.error = serializeError(error);
	extras.delayMs = delayMs;
	run.retries++;
	run.move(step, 'backing_off', { delayMs, error: step.error });
	if (delayMs <= 0) lineUp(run, step);
	else {
		extras.nextAttemptAt = run.now() + delayMs;
		extras.timer = run.setTimer(delayMs, () => {
			extras.timer = undefined;
			lineUp(run, step);
			run.wake();
		});
	}
	attempt.leave();
}

/** The pause is over. */
export function lineUp(run: RunCore, step: Step): void {
	step.extras.nextAttemptAt = undefined;
	run.move(step, 'queued');
	goOnInLine(run, step);
	run.enqueue(step);
}

/** Pre-emption does not spend an attempt, which the journal has to know before the next one. */
function lineUpAgain(run: RunCore, attempt: Attempt): void {
	const { step } = attempt;
	const { path } = step;
	step.current = undefined;
	step.attempt--;
	run.move(step, 'queued', { preempted: true });
	goOnInLine(run, step);
	attempt.leave();
	const saved = recordGivenBack(run, step);
	if (saved === undefined) return run.enqueue(step);
	run.starting++;
	void saved.then(() => {
		run.starting--;
		if (step.path === path && step.status === 'queued') run.enqueue(step);
		run.wake();
	});
}

/** Should it not be recorded, a crash costs an attempt, no more. */
function recordGivenBack(run: RunCore, step: Step): Promise<void> | undefined {
	const { journal } = run.options;
	try {
		const saved = journal?.started(step.path, step.inputHash, step.attempt);
		return saved?.catch(() => undefined);
	} catch {
		return undefined;
	}
}

export function giveUp(
	run: RunCore,
	attempt: Attempt,
	error: unknown,
	policy?: RetryPolicy,
	decision?: Refusal,
): void {
	const { step } = attempt;
	if (policy !== undefined && hasStandIn(policy, 'default', error)) {
		return recordResult(run, attempt, policy.defaultValue);
	}
	if (policy !== undefined && hasStandIn(policy, 'pause', error)) {
		return attempt.host.askAfterFailure(attempt, error);
	}
	const timedOut = error instanceof TimeoutError && 'kind' in error.details;
	const status = timedOut ? 'timed_out' : 'failed';
	const serialized = withReason(serializeError(error), decision);
	const { journal } = run.options;
	let saved: void | Promise<void>;
	try {
		saved = journal?.failed(step.path, step.inputHash, step.attempt, serialized);
	} catch {
		// The step has failed either way; that it is not recorded only means that it runs again.
		saved = undefined;
	}
	const end = (): void => endAttempt(run, attempt, status, serialized);
	if (saved === undefined) end();
	else whenRecorded(run, attempt, saved, end, end);
}

/** There were attempts left, but no time for them: that is worth saying. */
function withReason(error: SerializedError, refusal: Refusal | undefined): SerializedError {
	if (refusal?.reason !== 'deadline' && refusal?.reason !== 'max_elapsed') return error;
	return {
		...error,
		message: `${error.message} It was not tried again: ${refusal.message}`,
		details: { ...error.details, notRetried: refusal.reason },
	};
}
