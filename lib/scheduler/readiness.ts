import { errorClassOf, hashOf, messageOf } from '../core';
import type { JournalEntry } from '../run';
import { conditionHolds } from './condition';
import { journalFailure } from './journalFailure';
import { startLineClock } from './lineClock';
import type { RunCore } from './runCore';
import type { Step } from './step';

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

/** Computes what the step works on. @returns false when that failed and the step has ended */
export function takeInput(run: RunCore, step: Step): boolean {
	const { input } = step.definition;
	step.input = run.options.input;
	step.inputHash = run.inputHash;
	if (input === undefined) return true;
	try {
		step.input = input(run.view);
		if (run.options.journal !== undefined) step.inputHash = hashOf(step.input);
		return true;
	} catch (error) {
		step.error = {
			code: 'INPUT_FAILED',
			errorClass: errorClassOf(error),
			message: `The input of step "${step.id}" could not be computed: ${messageOf(error)}`,
			retryable: false,
		};
		run.move(step, 'queued');
		run.end(step, 'failed', { error: step.error });
		return false;
	}
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
	step.extras.lookup = true;
	answer.then(
		(entry) => {
			answered(run, step);
			goOn(run, step, entry);
			run.wake();
		},
		(error: unknown) => {
			answered(run, step);
			failLookup(run, step, error);
			run.wake();
		},
	);
}

function answered(run: RunCore, step: Step): void {
	run.lookups--;
	step.extras.lookup = false;
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
	line(run, step);
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
