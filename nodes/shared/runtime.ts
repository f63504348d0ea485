import { sleep } from 'n8n-workflow';

import type { Runtime } from '../../lib';

/** Longest pause that a timer of the platform can hold; a longer one would end at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Why a timer does not ring. One error for all of them: making one, with its stack, takes longer than
 * everything else that timers do, and n8n makes one for every reason that is none.
 */
const CANCELLED = new Error('The timer was cancelled.');

/** Time, chance and ids inside n8n. Stateless: every node and every execution shares this one. */
export const n8nRuntime: Runtime = {
	now: () => Date.now(),
	monotonic: () => performance.now(),
	setTimer: (ms, callback) => {
		const timer = new AbortController();
		// The only way for this sleep to fail is the cancelling of the timer.
		void pause(ms, timer.signal).then(callback, () => undefined);
		return { cancel: () => timer.abort(CANCELLED) };
	},
	sleep: async (ms, signal) => {
		signal?.throwIfAborted();
		if (ms > 0) await pause(ms, signal);
	},
	random: () => Math.random(),
	newId: () => crypto.randomUUID(),
};

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
	for (let left = Math.max(0, ms); ; left -= LONGEST_TIMER_MS) {
		await sleep(Math.min(left, LONGEST_TIMER_MS), signal).then(undefined, () =>
			signal?.throwIfAborted(),
		);
		if (left <= LONGEST_TIMER_MS) return;
	}
}
