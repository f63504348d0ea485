import { arm, renew } from './gates';
import { MAX_ITERATIONS } from './limits';
import type { RunCore } from './runCore';
import type { Step } from './step';

/** A completed step has named its successors. */
export function follow(run: RunCore, step: Step): void {
	for (const id of step.next!) name(run, run.steps.get(id)!, step.path);
}

/**
 * A step is named. It waits, parked, until nobody under way may name it any more: so the branches
 * of a fork meet in one execution of the step they all name.
 */
function name(run: RunCore, target: Step, byPath: string): void {
	const { extras } = target;
	if (isUnderWay(target)) {
		(extras.againBy ??= []).push(byPath);
		return;
	}
	const begins = !target.armed || target.told;
	if (!begins || target.parked) {
		(extras.namedBy ??= []).push(byPath);
		return;
	}
	extras.namedBy = [byPath];
	target.parked = true;
	target.since = run.now();
	run.parked.add(target);
}

/** What was named while it was busy is named now that it has ended. */
export function followAgain(run: RunCore, step: Step): void {
	const { againBy } = step.extras;
	step.extras.againBy = undefined;
	for (const path of againBy!) name(run, step, path);
}

/**
 * Starts the parked steps that nobody may name any more.
 *
 * @param all - whether to start them whoever may name them
 */
export function releaseParked(run: RunCore, all = false): void {
	const alone = all || run.busy + run.suspended === 0;
	const free = [...run.parked].filter(
		(step) => (alone || !mayStillBeNamed(run, step)) && !waitsForParked(run, step),
	);
	for (const step of free) {
		run.parked.delete(step);
		step.parked = false;
		const { namedBy } = step.extras;
		if (step.armed) {
			loopAgain(run, step);
			step.extras.namedBy = namedBy;
		} else arm(run, step);
	}
}

/** Whether its execution has begun or is in line: another naming means another execution. */
function isUnderWay(step: Step): boolean {
	if (!step.armed || step.parked) return false;
	return !step.told && step.status !== 'pending' && step.status !== 'blocked';
}

/** Whether some step under way may lead to this one. Goes on where the last search found one. */
function mayStillBeNamed(run: RunCore, target: Step): boolean {
	const { list } = run;
	const { extras } = target;
	const start = extras.watched ?? 0;
	for (let i = 0; i < list.length; i++) {
		const index = (start + i) % list.length;
		const step = list[index]!;
		if (!isInFlow(run, step) || !mayLeadTo(run, step, target)) continue;
		extras.watched = index;
		return true;
	}
	return false;
}

/** Under way, or named and waiting for something else. */
function isInFlow(run: RunCore, step: Step): boolean {
	if (!run.isOpen(step)) return false;
	return !run.isGated(step) || step.rare?.namedBy !== undefined;
}

/** Among parked steps the one that leads to the other goes first. */
function waitsForParked(run: RunCore, target: Step): boolean {
	for (const other of run.parked) {
		if (other === target) continue;
		if (mayLeadTo(run, other, target) && !mayLeadTo(run, target, other)) return true;
	}
	return false;
}

/** Whether a step's declared successors lead to another one; without a declaration they may. */
function mayLeadTo(run: RunCore, from: Step, target: Step): boolean {
	const seen = new Set<Step>();
	const open = [from];
	for (let step = open.pop(); step !== undefined; step = open.pop()) {
		const { next } = step.definition;
		if (next === undefined) return true;
		for (const id of next) {
			const successor = run.steps.get(id)!;
			if (successor === target) return true;
			if (seen.has(successor)) continue;
			seen.add(successor);
			open.push(successor);
		}
	}
	return false;
}

/** A new execution because somebody named the step again: guarded, since that may be for ever. */
function loopAgain(run: RunCore, step: Step): void {
	const { maxIterations = MAX_ITERATIONS } = step.definition;
	renew(run, step);
	if (step.iteration <= maxIterations) return arm(run, step);
	step.armed = true;
	run.open++;
	run.move(step, 'blocked');
	step.error = {
		code: 'ITERATION_LIMIT',
		errorClass: 'validation',
		message: `Step "${step.id}" was to run for the ${step.iteration}th time; its limit is ${maxIterations} executions in a run.`,
		retryable: false,
		hint: 'Raise maxIterations, or give the loop a way out.',
	};
	run.end(step, 'failed', { error: step.error });
}
