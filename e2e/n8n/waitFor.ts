import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
	/** Longest wait in milliseconds. Default 30000. */
	timeoutMs?: number;
	/** Pause between two looks in milliseconds. Default 100. */
	everyMs?: number;
}

/**
 * Looks again and again until there is something to see.
 *
 * @param what - for the error, e.g. `execution 12 to succeed`
 * @param look - returns `undefined` while it is not there yet
 * @throws {Error} when it did not come in time
 */
export async function waitFor<T>(
	what: string,
	look: () => Promise<T | undefined> | T | undefined,
	{ timeoutMs = 30_000, everyMs = 100 }: WaitOptions = {},
): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const seen = await look();
		if (seen !== undefined) return seen;
		if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`);
		await sleep(everyMs);
	}
}
