import type { IExecuteFunctions } from 'n8n-workflow';

import { openState, plannedNotices } from '../../lib';
import type { ReviewRequest, Timer } from '../../lib';
import { nodeHttpClient } from '../shared/http';
import { n8nRuntime } from '../shared/runtime';
import { lookAfter } from './lookAfter';

/** Time limit of the call that ends a review, in milliseconds. */
const END_TIMEOUT_MS = 60_000;

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
 * Starts the timers of a review: its deadline, its reminders, and when others join.
 *
 * n8n looks for waits that are over once a minute; these timers keep to the second. When this
 * process is gone by then, the hidden watcher does the same, later.
 *
 * @param clockUrl - the clock's own address; a POST there ends a review whose time is over
 */
export function armTimers(
	context: IExecuteFunctions,
	request: ReviewRequest,
	clockUrl: string,
): void {
	const { requestId, deadlineAt } = request;
	if (deadlineAt !== null) {
		// Without the execution's cancel signal, and nobody is there to hear of a failure: n8n's own
		// clock comes after.
		const http = nodeHttpClient({
			getNode: () => context.getNode(),
			getCredentials: async (type) => await context.getCredentials(type),
			helpers: context.helpers,
		});
		callAt(deadlineAt, () => {
			void http
				.request({ method: 'POST', url: clockUrl, timeoutMs: END_TIMEOUT_MS })
				.catch(() => undefined);
		});
	}
	for (const { at } of plannedNotices(openState(request))) {
		callAt(at, () => void lookAfter(context, requestId));
	}
}
