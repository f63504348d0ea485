import { serializeError } from '../core';
import type { Allocation } from '../resources';
import { Attempt, type AttemptHost } from './attempt';
import { begin } from './attempts';
import { closeExpired } from './gates';
import type { RunCore } from './runCore';
import type { Step } from './step';
import { resumeAttempt } from './suspension';

/** Starts what may start, as far as there are places. */
export function dispatch(run: RunCore, host: AttemptHost): void {
	while (run.mayStart) {
		const admitted = run.admitted.shift();
		if (admitted !== undefined) {
			enter(run, admitted.step, host, admitted.allocation);
			continue;
		}
		const step = run.ready.shift();
		if (step === undefined) break;
		step.lined = false;
		admit(run, step, host);
	}
	run.askPoolAgain();
}

function admit(run: RunCore, step: Step, host: AttemptHost): void {
	if (step.status === 'ready') {
		if (step.plan.temporal && closeExpired(run, step)) return;
		run.move(step, 'queued');
	}
	// It was cancelled or ran out of time while it stood in line.
	if (step.status !== 'queued') return;
	if (run.options.pool === undefined || step.definition.resources === undefined) {
		enter(run, step, host);
	} else {
		requestPlace(run, step);
	}
}

/** A step with everything it needs starts, or goes on where it was suspended. */
function enter(run: RunCore, step: Step, host: AttemptHost, allocation?: Allocation): void {
	// Cancelled or failed since: what it was granted has been given back.
	if (step.status !== 'queued' || allocation?.state === 'released') return;
	const { current, rare } = step;
	if (rare !== undefined) rare.withdraw = undefined;
	// What it needs may have expired while it waited for the pool.
	if (step.plan.temporal && step.attempt === 0 && closeExpired(run, step)) {
		return allocation?.release();
	}
	if (!(current instanceof Attempt)) return begin(run, step, host, allocation);
	current.allocation = allocation;
	resumeAttempt(run, current);
}

function requestPlace(run: RunCore, step: Step): void {
	const { resources, quotaKeys, preemptible } = step.definition;
	const { extras, path } = step;
	let granted: Allocation | undefined;
	let isWithdrawn = false;
	try {
		const ticket = run.options.pool!.request(
			{
				path: `${run.runId}/${path}`,
				requirements: resources,
				quotaKeys,
				fairnessKey: run.fairnessKey,
				limit: run.places,
				preemptible,
				preemptions: extras.preemptions,
				progress: () => extras.fraction ?? 0,
				onPreempt: (cause) => {
					const { current } = step;
					// A body that outlives its attempt may hold the place: that attempt is over anyway.
					if (!(current instanceof Attempt) || current.allocation !== granted) return;
					extras.preemptions = (extras.preemptions ?? 0) + 1;
					current.preempted = true;
					run.events.emit('pool.preempted', path, step.attempt);
					current.interrupt(cause);
				},
			},
			{
				granted: (allocation) => {
					granted = allocation;
					onGranted(run, step, allocation);
				},
				refused: (error) => {
					// A step that leaves the queue by itself, because a part of its body failed, goes on.
					if (!isWithdrawn) onRefused(run, step, error);
				},
			},
		);
		if (ticket.isWaiting) {
			run.events.emit('pool.waiting', path);
			extras.withdraw = () => {
				isWithdrawn = true;
				ticket.cancel();
			};
		}
	} catch (error) {
		failUnadmitted(run, step, error, 'failed');
	}
}

function onGranted(run: RunCore, step: Step, allocation: Allocation): void {
	step.extras.withdraw = () => allocation.release();
	run.admitted.push({ step, allocation });
	run.wake();
}

/** A run that pauses gives back what it was granted and has not begun to use. */
export function giveBackAdmitted(run: RunCore): void {
	for (let entry = run.admitted.shift(); entry !== undefined; entry = run.admitted.shift()) {
		entry.allocation.release();
		entry.step.extras.withdraw = undefined;
		if (entry.step.status === 'queued') run.enqueue(entry.step);
	}
}

/** Its time in the queue of the pool is up. */
function onRefused(run: RunCore, step: Step, error: Error): void {
	step.extras.withdraw = undefined;
	failUnadmitted(run, step, error, 'timed_out');
	run.wake();
}

function failUnadmitted(
	run: RunCore,
	step: Step,
	error: unknown,
	status: 'failed' | 'timed_out',
): void {
	step.error = serializeError(error);
	run.end(step, status, { error: step.error });
}
