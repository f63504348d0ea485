import { EngineError, serializeError, TimeoutError, type SerializedError } from '../core';
import {
	decideRetry,
	hasStandIn,
	retryPolicy,
	type RetryDecision,
	type RetryPolicy,
} from '../resilience';
import type { Allocation } from '../resources';
import { Attempt, type AttemptHost } from './attempt';
import { AttemptClock } from './attemptClock';
import { FlowResult } from './definition';
import { journalFailure } from './journalFailure';
import { goOnInLine } from './lineClock';
import { ABANDON_MS, MAX_IN_RUN_WAIT_MS } from './limits';
import type { RunCore } from './runCore';
import type { Step } from './step';

type Refusal = Exclude<RetryDecision, { retry: true }>;

// Places are given back last of all: giving one back may start, or even stop, other steps at once.

/** A step has a place: its next attempt begins. */
export function begin(run: RunCore, step: Step, host: AttemptHost, allocation?: Allocation): void {
	step.attempt++;
	run.attempts++;
	run.slots++;
	const attempt = new Attempt(step, host);
	attempt.holdsSlot = true;
	attempt.allocation = allocation;
	step.current = attempt;
	const refusal = attemptsSpent(run, step);
	if (refusal !== undefined) return giveUp(run, attempt, refusal, policyOf(step));
	recordStart(run, attempt);
}

/** The error of a step whose attempts were all spent by processes that died. */
function attemptsSpent(run: RunCore, step: Step): EngineError | undefined {
	const { retry } = step.definition;
	if (retry === undefined) return undefined;
	const policy = policyOf(step);
	const base = step.rare?.attemptBase ?? 0;
	if (step.attempt - base <= policy.maxAttempts) return undefined;
	step.attempt--;
	return new EngineError(
		'ATTEMPTS_SPENT',
		`Step "${step.path}" was broken off in its last attempt, number ${step.attempt}.`,
		{ retryable: false, details: { attempt: step.attempt, runId: run.runId } },
	);
}

function recordStart(run: RunCore, attempt: Attempt): void {
	const { step } = attempt;
	const { journal } = run.options;
	if (journal === undefined) return launch(run, attempt);
	let saved: void | Promise<void>;
	try {
		saved = journal.started(step.path, step.inputHash, step.attempt);
	} catch (error) {
		return endAttempt(run, attempt, 'failed', journalFailure(step.path, error));
	}
	if (saved === undefined) return launch(run, attempt);
	run.starting++;
	saved.then(
		() => {
			run.starting--;
			if (attempt.isCurrent) launch(run, attempt);
			else attempt.release();
			run.wake();
		},
		(error: unknown) => {
			run.starting--;
			if (attempt.isCurrent) endAttempt(run, attempt, 'failed', journalFailure(step.path, error));
			else attempt.release();
			run.wake();
		},
	);
}

function launch(run: RunCore, attempt: Attempt): void {
	const { step } = attempt;
	if (step.rare !== undefined) step.rare.isUnknown = false;
	step.startedAt = run.now();
	run.move(step, 'running', undefined, step.startedAt);
	run.lastActivityAt = step.startedAt;
	run.progress.start(step);
	const { timeouts, run: body } = step.definition;
	if (timeouts !== undefined || step.definition.retry !== undefined) startClocks(run, attempt);
	let result: unknown;
	try {
		result = body(attempt);
	} catch (error) {
		return onFailed(run, attempt, error);
	}
	if (!isThenable(result)) return onReturned(run, attempt, result);
	result.then(
		(value) => {
			onReturned(run, attempt, value);
			run.wake();
		},
		(error: unknown) => {
			onFailed(run, attempt, error);
			run.wake();
		},
	);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
	return (
		value instanceof Promise || typeof (value as PromiseLike<unknown> | null)?.then === 'function'
	);
}

function startClocks(run: RunCore, attempt: Attempt): void {
	const { step } = attempt;
	const { extras, definition } = step;
	const { runtime } = run.options;
	run.clearTimer(extras.timer);
	extras.timer = undefined;
	const now = runtime.monotonic();
	extras.firstStartAt ??= now;
	if (definition.timeouts === undefined) return;
	extras.scheduledAt ??= now;
	const waited = now - extras.scheduledAt;
	attempt.limits = AttemptClock.start(attempt, definition.timeouts, waited, runtime, (error) => {
		attempt.callScope.abort(error);
		onFailed(run, attempt, error, false);
		run.wake();
	});
}

/** The body has returned. */
function onReturned(run: RunCore, attempt: Attempt, value: unknown): void {
	attempt.limits?.stop();
	if (!attempt.isOpen) return onLate(run, attempt, 'completed');
	run.clearTimer(attempt.placeTimer);
	const { step } = attempt;
	if (value instanceof FlowResult) {
		const unknown = value.next.find((id) => !run.steps.has(id));
		if (unknown !== undefined) return onFailed(run, attempt, unknownSuccessor(step, unknown));
		step.next = value.next;
		recordResult(run, attempt, value.output);
	} else {
		recordResult(run, attempt, value);
	}
}

function unknownSuccessor(step: Step, id: string): EngineError {
	return new EngineError(
		'UNKNOWN_STEP',
		`Step "${step.id}" names "${id}" as its successor, which does not exist.`,
		{ errorClass: 'validation', details: { stepId: step.id, next: id } },
	);
}

function recordResult(run: RunCore, attempt: Attempt, output: unknown): void {
	const { step } = attempt;
	const { journal } = run.options;
	const order = ++run.order;
	if (journal === undefined) return finish(run, attempt, output, order);
	const { path, inputHash, next } = step;
	const result = { output, next, attempt: step.attempt, order };
	let saved: void | Promise<void>;
	try {
		saved = journal.completed(path, inputHash, result);
	} catch (error) {
		return endAttempt(run, attempt, 'failed', journalFailure(path, error));
	}
	if (saved === undefined) return finish(run, attempt, output, order);
	attempt.recording = true;
	saved.then(
		() => {
			finish(run, attempt, output, order);
			run.wake();
		},
		(error: unknown) => {
			endAttempt(run, attempt, 'failed', journalFailure(path, error));
			run.wake();
		},
	);
}

function finish(run: RunCore, attempt: Attempt, output: unknown, order: number): void {
	const { step } = attempt;
	step.output = output;
	step.order = order;
	run.complete(step);
	attempt.leave();
}

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
function policyOf(step: Step): RetryPolicy {
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

function giveUp(
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
	if (saved === undefined) return endAttempt(run, attempt, status, serialized);
	attempt.recording = true;
	const end = (): void => {
		endAttempt(run, attempt, status, serialized);
		run.wake();
	};
	saved.then(end, end);
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

function endAttempt(
	run: RunCore,
	attempt: Attempt,
	status: 'failed' | 'timed_out',
	error: ReturnType<typeof serializeError>,
): void {
	const { step } = attempt;
	step.error = error;
	step.next = undefined;
	run.end(step, status, { error });
	attempt.leave();
}

export function endAsCancelled(run: RunCore, attempt: Attempt): void {
	const { step, cancelledBy } = attempt;
	step.cause = cancelledBy;
	run.end(step, 'cancelled', { cause: cancelledBy });
	attempt.leave();
}

/**
 * The attempt counts no more, but its body still runs: it keeps its place until it settles, or
 * until `abandonMs` have passed and it is a zombie.
 */
export function holdPlace(run: RunCore, attempt: Attempt): void {
	attempt.lingers = true;
	run.lingering.add(attempt);
	attempt.placeTimer = run.setTimer(run.options.abandonMs ?? ABANDON_MS, () => {
		becomeZombie(run, attempt);
		settlePlace(attempt);
		run.wake();
	});
}

/** The body has had time enough to settle: from now on it runs without a place. */
export function becomeZombie(run: RunCore, attempt: Attempt): void {
	attempt.isZombie = true;
	run.zombies.add(attempt.path);
	run.events.emit('pool.zombie', attempt.path, attempt.attempt);
}

/** A body settled after its attempt had ended: its place is free, its result is nobody's. */
function onLate(run: RunCore, attempt: Attempt, status: 'completed' | 'failed'): void {
	run.clearTimer(attempt.placeTimer);
	attempt.isZombie = false;
	settlePlace(attempt);
	run.zombies.delete(attempt.path);
	run.events.emit('late.result', attempt.path, attempt.attempt, { status });
}

/** The place is free now, or as soon as the step has gone on. */
function settlePlace(attempt: Attempt): void {
	attempt.lingers = false;
	attempt.run.lingering.delete(attempt);
	if (!attempt.isCurrent) attempt.release();
}
