import type { Runtime } from '../core';
import { CallScope, type Call } from './call';
import { runWithTimeout } from './timeout';

/** How long cleaning up may take unless somebody says otherwise, in milliseconds. */
export const DEFAULT_CLEANUP_TIMEOUT_MS = 10_000;

/**
 * Runs work that a cancel must not stop: saving, cleaning up, undoing. It is bounded in time
 * instead.
 *
 * @param cleanupTimeoutMs - the bound; the call's signal aborts when it passes
 * @throws {TimeoutError} kind `cleanup`, when the bound has passed
 * @throws the call's own error
 */
export async function runShielded<T>(
	call: Call<T>,
	runtime: Pick<Runtime, 'monotonic' | 'setTimer'>,
	cleanupTimeoutMs = DEFAULT_CLEANUP_TIMEOUT_MS,
	attempt = 1,
): Promise<T> {
	const limit = { kind: 'cleanup', ms: cleanupTimeoutMs } as const;
	return await runWithTimeout(call, new CallScope(attempt), { limit }, runtime);
}
