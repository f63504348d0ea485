import type { JournalEntry } from '../run';
import { conditionHolds } from './condition';
import { journalFailure } from './journalFailure';
import { CLEANUP_TIMEOUT_MS } from './limits';
import { startLineClock } from './lineClock';
import type { RunCore } from './runCore';
import type { Step } from './step';
import { takeInput } from './stepInput';
import { askAfterCrash } from './suspension';

/** All gates are open: the step gets in line, unless it is not wanted or its result is known. */
export function makeReady(run: RunCore, step: Step): void {
	const { when } = step.definition;
	if (when !== undefined && !conditionHolds(run, step, when)) {
		return run.skip(step, run.cause('dependency', 'Its condition does not hold.'));
	}
	run.move(step, 'ready');
	if (!takeInput(run, step)) return;
	if (run.options.journal === undefined) line(run, step);
	else recall(run, step);
}

/** Its turn has come; a step that was restored while it backed off waits for the rest of its pause. */
function line(run: RunCore, step: Step): void {
	const resumeAt = step.rare?.resumeAt;
	if (resumeAt === undefined || resumeAt <= run.now()) return getInLine(run, step);
	const { extras } = step;
	extras.resumeAt = undefined;
	extras.timer = run.setTimer(resumeAt - run.now(), () => {
		extras.timer = undefined;
		getInLine(run, step);
		run.wake();
	});
}

function getInLine(run: RunCore, step: Step): void {
	startLineClock(run, step);
	run.enqueue(step);
}

/** Asks the journal what it knows of this very execution. */
function recall(run: RunCore, step: Step): void {
	const journal = run.options.journal!;
	let answer: ReturnType<typeof journal.find>;
	try {
		answer = journal.find(step.path, step.inputHash);
	} catch (error) {
		return failLookup(run, step, error);
	}
	if (!(answer instanceof Promise)) return goOn(run, step, answer);
	// Nothing new starts until the answer is there, so that results of earlier processes come
	// before those of this one.
	run.lookups++;
	const lookup = (step.extras.lookup = {});
	const answered = (act: () => void): void => {
		// Nobody waits any more for a journal that took too long.
		if (step.rare?.lookup !== lookup) return;
		endLookup(run, step);
		act();
		run.wake();
	};
	answer.then(
		(entry) => answered(() => goOn(run, step, entry)),
		(error: unknown) => answered(() => failLookup(run, step, error)),
	);
}

function endLookup(run: RunCore, step: Step): void {
	const { extras } = step;
	run.lookups--;
	extras.lookup = undefined;
	run.clearTimer(extras.timer);
	extras.timer = undefined;
}

/** Somebody wants the step stopped: the journal may still know its result, but not for ever. */
export function boundLookup(run: RunCore, step: Step): void {
	const { cleanupTimeoutMs = CLEANUP_TIMEOUT_MS } = run.options;
	step.extras.timer ??= run.setTimer(cleanupTimeoutMs, () => {
		endLookup(run, step);
		goOn(run, step, undefined);
		run.wake();
	});
}

function goOn(run: RunCore, step: Step, entry: JournalEntry | undefined): void {
	if (entry?.status === 'completed') return reuse(run, step, entry);
	if (entry?.status === 'started') step.extras.isUnknown = true;
	const cause = step.rare?.cancelLater;
	if (cause !== undefined) {
		step.extras.cancelLater = undefined;
		step.cause = cause;
		return run.end(step, 'cancelled', { cause });
	}
	// A crash spends an attempt, but only of a step that counts its attempts. What failed for good
	// begins anew: somebody wanted the run to go on.
	if (entry?.status === 'started' && step.definition.retry !== undefined) {
		step.attempt = entry.attempt;
	}
	if (entry?.status === 'started' && entry.attempt > 0) {
		const { whenUnknown = 'retry' } = step.definition;
		if (whenUnknown !== 'retry') step.attempt = entry.attempt;
		if (whenUnknown === 'ask') return askAfterCrash(run, step);
		if (whenUnknown === 'fail') return failUnknown(run, step);
	}
	line(run, step);
}

/** It may have happened, and is not to happen twice. */
function failUnknown(run: RunCore, step: Step): void {
	step.error = {
		code: 'OUTCOME_UNKNOWN',
		errorClass: 'conflict',
		message: `Step "${step.path}" was broken off in attempt ${step.attempt}: nobody knows whether it was done.`,
		retryable: false,
		hint: 'Find out whether it was done. With whenUnknown "ask" a person decides.',
	};
	run.move(step, 'queued');
	run.end(step, 'failed', { error: step.error });
}

function reuse(run: RunCore, step: Step, entry: JournalEntry): void {
	const { output, next, attempt, order } = entry.result!;
	step.output = output;
	step.next = next;
	step.attempt = attempt;
	step.order = order;
	step.reused = true;
	if (step.rare !== undefined) step.rare.cancelLater = undefined;
	run.order = Math.max(run.order, order);
	run.complete(step);
}

function failLookup(run: RunCore, step: Step, error: unknown): void {
	step.error = journalFailure(step.path, error);
	run.move(step, 'queued');
	run.end(step, 'failed', { error: step.error });
}
