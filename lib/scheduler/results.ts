import type { SerializedError } from '../core';
import type { Attempt } from './attempt';
import { journalFailure } from './journalFailure';
import { CLEANUP_TIMEOUT_MS } from './limits';
import type { RunCore } from './runCore';

// Places are given back last of all: giving one back may start, or even stop, other steps at once.

/** The attempt has a result. It counts once it is recorded. */
export function recordResult(run: RunCore, attempt: Attempt, output: unknown): void {
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
	whenRecorded(
		run,
		attempt,
		saved,
		() => finish(run, attempt, output, order),
		(error) => endAttempt(run, attempt, 'failed', journalFailure(path, error)),
	);
}

/** Waits for a record about an attempt, whose fate is settled then. */
export function whenRecorded(
	run: RunCore,
	attempt: Attempt,
	saved: Promise<void>,
	onSaved: () => void,
	onFailed: (error: unknown) => void,
): void {
	attempt.recording = true;
	const settle = (end: () => void): void => {
		// A journal that answered too late for a run that is being stopped.
		if (!attempt.isCurrent) return;
		run.clearTimer(attempt.recordTimer);
		end();
		run.wake();
	};
	saved.then(
		() => settle(onSaved),
		(error: unknown) => settle(() => onFailed(error)),
	);
}

/** Somebody wants the step stopped: what is being recorded may be, but not for ever. */
export function boundRecording(run: RunCore, attempt: Attempt): void {
	const { cleanupTimeoutMs = CLEANUP_TIMEOUT_MS } = run.options;
	attempt.recordTimer ??= run.setTimer(cleanupTimeoutMs, () => {
		const error = new Error(`the journal did not answer within ${cleanupTimeoutMs} ms`);
		endAttempt(run, attempt, 'failed', journalFailure(attempt.path, error));
		run.wake();
	});
}

function finish(run: RunCore, attempt: Attempt, output: unknown, order: number): void {
	const { step } = attempt;
	step.output = output;
	step.order = order;
	run.complete(step);
	attempt.leave();
}

export function endAttempt(
	run: RunCore,
	attempt: Attempt,
	status: 'failed' | 'timed_out',
	error: SerializedError,
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
