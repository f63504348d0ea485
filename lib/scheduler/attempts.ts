import { EngineError } from '../core';
import type { Allocation } from '../resources';
import { Attempt, type AttemptHost } from './attempt';
import { AttemptClock } from './attemptClock';
import { FlowResult } from './definition';
import { giveUp, onFailed, policyOf } from './failures';
import { journalFailure } from './journalFailure';
import { onLate } from './places';
import { endAttempt, recordResult } from './results';
import type { RunCore } from './runCore';
import type { Step } from './step';

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
