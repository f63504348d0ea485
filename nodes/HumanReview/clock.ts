import type { IExecuteFunctions } from 'n8n-workflow';

import type { Timer } from '../../lib';
import { n8nRuntime } from '../shared/runtime';
import { lookAfter } from './lookAfter';

/** Timers of this process that have not gone off yet. */
const pending = new Set<Timer>();

/** Stops all timers of all reviews; for tests and for programs that end. */
export function stopTimers(): void {
	for (const timer of pending) timer.cancel();
	pending.clear();
}

function callAt(at: number, callback: () => void): void {
	const timer = n8nRuntime.setTimer(at - n8nRuntime.now(), () => {
		pending.delete(timer);
		callback();
	});
	pending.add(timer);
}

/**
 * Looks after a review at every moment at which something is due, as long as this process lives:
 * its deadline, its reminders, and when others join.
 *
 * n8n looks for waits that are over once a minute; these timers keep to the second. When this
 * process is gone, the hidden watcher goes on.
 *
 * @param lookAt - the next such moment, in milliseconds since the epoch; `undefined` for none
 * @param until - stop before this time, because somebody else looks then
 */
export function keepLooking(
	context: IExecuteFunctions,
	requestId: string,
	lookAt: number | undefined,
	until = Infinity,
): void {
	if (lookAt === undefined || lookAt >= until) return;
	callAt(lookAt, () => {
		void lookAfter(context, requestId).then((next) => keepLooking(context, requestId, next, until));
	});
}
