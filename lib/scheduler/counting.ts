import { isStepEnded } from '../run';
import { makeReady } from './readiness';
import type { RunCore } from './runCore';
import type { Step } from './step';
import { isMet } from './wiring';

/** A step that counts its dependencies takes part from now on. */
export function startCounting(run: RunCore, step: Step): void {
	const { sources } = step.plan;
	let missing = 0;
	for (const place of sources) {
		const from = run.list[place]!;
		if (isMet(from)) continue;
		if (from.armed && from.told && isStepEnded(from.status)) return skipFor(run, step, from);
		missing++;
	}
	step.missing = missing;
	if (missing === 0) makeReady(run, step);
}

/** A step has ended: those who count it have one dependency less to wait for, or all too many. */
export function countDown(run: RunCore, ended: Step): void {
	const { list } = run;
	for (const place of ended.plan.dependents) {
		const step = list[place]!;
		if (step.wiring !== undefined || !run.isGated(step)) continue;
		if (ended.status !== 'completed') skipFor(run, step, ended);
		else if (--step.missing === 0) makeReady(run, step);
	}
}

/** What the step needs will not come. */
export function skipFor(run: RunCore, step: Step, missing: Step): void {
	const message = `"${missing.id}", which it needs, is ${missing.status}.`;
	run.skip(step, run.cause('dependency', message, missing.id));
}
