import type { Cause } from '../core';
import { Attempt } from './attempt';
import { becomeZombie, holdPlace } from './places';
import { boundRecording, endAsCancelled } from './results';
import { ABANDON_MS } from './limits';
import { boundLookup } from './readiness';
import type { CancelMode } from './options';
import type { RunCore } from './runCore';
import type { Step } from './step';

/**
 * Somebody wants one step cancelled. A step that waits, in a run that an earlier process worked on,
 * may turn out to be done: it is cancelled when its turn comes and the journal does not know it.
 *
 * @returns false when there was nothing to cancel, see {@link cancelNow}
 */
export function cancelStep(run: RunCore, step: Step, cause: Cause, mode: CancelMode): boolean {
	if (!run.hasPast || !(run.isGated(step) || step.parked)) return cancelNow(run, step, cause, mode);
	step.extras.cancelLater = cause;
	return true;
}

/**
 * Cancels one step. What has not begun is cancelled at once; what runs is told to stop.
 *
 * @returns false when there was nothing to cancel: the step has ended, or its result is just
 * being recorded
 */
export function cancelNow(run: RunCore, step: Step, cause: Cause, mode: CancelMode): boolean {
	if (step.parked) unpark(run, step);
	if (!run.isOpen(step)) return false;
	const { current } = step;
	if (step.rare?.lookup !== undefined) {
		// A recorded result is a fact: only if there is none is the step cancelled.
		step.extras.cancelLater = cause;
		boundLookup(run, step);
		return true;
	}
	if (!(current instanceof Attempt)) return cancelIdle(run, step, cause);
	if (current.recording) {
		boundRecording(run, current);
		return false;
	}
	const { cancelledBy } = current;
	current.stop(cause);
	if (step.status !== 'running') {
		// Suspended, or about to start: no body has to be waited for.
		cancelIdle(run, step, cause);
		current.leave();
		return true;
	}
	if (mode === 'wait') {
		if (cancelledBy === undefined) waitForBody(run, current);
		return true;
	}
	run.clearTimer(current.placeTimer);
	if (mode === 'try') holdPlace(run, current);
	endAsCancelled(run, current);
	return true;
}

/** The run is being paused: what may be broken off is, and runs again later. */
export function interruptAll(run: RunCore, cause: Cause): void {
	for (const { current, definition, status } of run.list) {
		if (!(current instanceof Attempt) || definition.preemptible !== true) continue;
		if (status !== 'running' || current.recording || current.effects > 0) continue;
		current.preempted = true;
		current.interrupt(cause);
	}
}

function unpark(run: RunCore, step: Step): void {
	step.parked = false;
	run.parked.delete(step);
}

function cancelIdle(run: RunCore, step: Step, cause: Cause): boolean {
	step.cause = cause;
	run.end(step, 'cancelled', { cause });
	return true;
}

/** A body that does not settle in time is left alone; its place is given back. */
function waitForBody(run: RunCore, attempt: Attempt): void {
	attempt.limits?.stop();
	attempt.placeTimer = run.setTimer(run.options.abandonMs ?? ABANDON_MS, () => {
		becomeZombie(run, attempt);
		endAsCancelled(run, attempt);
		run.wake();
	});
}
