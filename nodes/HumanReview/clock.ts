import type { IExecuteFunctions } from 'n8n-workflow';

import type { ReviewRequest, Timer } from '../../lib';
import { nodeHttpClient } from '../shared/http';
import { n8nRuntime } from '../shared/runtime';
import { invitationMessage, postMessages } from './notify';
import type { Invitation } from './notify';
import type { Parameters } from './parameters';

/** What is to happen while the review waits. */
export interface ReviewTimers {
	request: ReviewRequest;
	parameters: Parameters;
	invitations: readonly Invitation[];
	/** Whether the review still waits; nobody is reminded of what is decided. */
	isOpen: () => Promise<boolean>;
	/** The clock's own address; a POST there ends a review whose time is over. */
	clockUrl: string;
}

const MINUTE_MS = 60_000;

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
 * Starts the timers of a review: its deadline, and its reminders.
 *
 * n8n looks for waits that are over once a minute. The timer calls the review to the second, and
 * lets it end with the votes it has. When this process is gone by then, n8n ends the wait itself,
 * with what was stored when the review opened.
 */
export function armTimers(context: IExecuteFunctions, timers: ReviewTimers): void {
	const { request, parameters, invitations, isOpen, clockUrl } = timers;
	const http = nodeHttpClient({
		getNode: () => context.getNode(),
		getCredentials: async (type) => await context.getCredentials(type),
		helpers: context.helpers,
	});
	const { deadlineAt, openedAt } = request;
	if (deadlineAt !== null) {
		callAt(deadlineAt, () => {
			// Nobody is there to hear of a failure, and n8n's own clock comes after.
			void http
				.request({ method: 'POST', url: clockUrl, timeoutMs: MINUTE_MS })
				.catch(() => undefined);
		});
	}
	if (parameters.notify !== 'webhook') return;
	parameters.settings.reminders.forEach((minutes, index) => {
		const at = openedAt + minutes * MINUTE_MS;
		if (deadlineAt !== null && at >= deadlineAt) return;
		const messages = invitations.map((each) => invitationMessage(request, each, index + 1));
		callAt(at, () => {
			void isOpen()
				.then(async (open) => {
					if (open) await postMessages(http, parameters.notifyUrl ?? '', messages);
				})
				.catch(() => undefined);
		});
	});
}
