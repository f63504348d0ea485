import { messageOf } from '../core';
import type { Condition } from './dependency';
import type { RunCore } from './runCore';
import type { Step } from './step';

/** Evaluates a condition. One that throws is false, and an event says so: it never ends the run. */
export function conditionHolds(run: RunCore, step: Step, condition: Condition): boolean {
	try {
		return condition(run.view);
	} catch (error) {
		run.events.emit('step.condition_failed', step.path, undefined, { error: messageOf(error) });
		return false;
	}
}
