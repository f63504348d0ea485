/** How chance spreads the pauses of callers that failed together. */
export type Jitter = 'none' | 'full' | 'equal' | 'decorrelated';

/** How long to pause between attempts. */
export interface BackoffOptions {
	/** Pause before the second attempt, in milliseconds. 0 retries at once, without a timer. */
	initialDelayMs: number;
	/** Longest pause, in milliseconds; a longer Retry-After of the other side still counts. */
	maxDelayMs: number;
	/** Growth of the pause from attempt to attempt; 1 keeps it constant. */
	backoffFactor: number;
	/**
	 * `none`: exactly the computed pause d; `full`: anywhere in [0, d); `equal`: d/2 plus anywhere in
	 * [0, d/2); `decorrelated`: anywhere between the initial and three times the previous pause.
	 */
	jitter: Jitter;
}

/**
 * Exponential backoff: `min(maxDelayMs, initialDelayMs * backoffFactor^(attempt - 2))`, then jitter.
 *
 * @param attempt - the attempt that is about to start: 2, 3, …
 * @param previousDelayMs - the pause before the attempt that failed; undefined when it was the first
 * @param random - source of chance, [0, 1)
 * @returns milliseconds, never more than `maxDelayMs`
 * @see Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 (names of the jitters)
 */
export function backoffDelayMs(
	options: BackoffOptions,
	attempt: number,
	previousDelayMs: number | undefined,
	random: () => number,
): number {
	const { initialDelayMs, maxDelayMs, backoffFactor, jitter } = options;
	if (jitter === 'decorrelated') {
		const ceiling = 3 * (previousDelayMs ?? initialDelayMs);
		return Math.min(maxDelayMs, initialDelayMs + random() * Math.max(0, ceiling - initialDelayMs));
	}
	// 0 * Infinity is not a number: a zero start stays zero however far the exponent has grown.
	const grown = initialDelayMs === 0 ? 0 : initialDelayMs * backoffFactor ** (attempt - 2);
	const delay = Math.min(maxDelayMs, grown);
	if (jitter === 'none') return delay;
	if (jitter === 'full') return random() * delay;
	return delay / 2 + random() * (delay / 2);
}
