/** A pending timer made by {@link Runtime.setTimer}. */
export interface Timer {
	/** Stops the timer; its callback will not run. Safe to call at any time, any number of times. */
	cancel(): void;
}

/**
 * Everything the engine may ask of the outside world that is not data: time, chance and identity.
 *
 * The engine itself never reads a clock, draws a random number or sets a timer, so a run under a
 * {@link Runtime} with fixed answers gives the same result every time, and days of waiting pass in
 * microseconds.
 */
export interface Runtime {
	/** Wall-clock time in milliseconds since the Unix epoch. May jump. */
	now(): number;

	/** Milliseconds since some fixed point. Never goes back; use it to measure durations. */
	monotonic(): number;

	/**
	 * Calls back once, after at least `ms` milliseconds.
	 *
	 * @param ms - 0 or less means as soon as possible, but never synchronously
	 */
	setTimer(ms: number, callback: () => void): Timer;

	/**
	 * Waits.
	 *
	 * @param ms - how long, in milliseconds; 0 or less resolves at once
	 * @param signal - ends the wait early
	 * @throws the signal's reason, when `signal` aborts first
	 */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;

	/** A number in [0, 1). For jitter and sampling, never for secrets. */
	random(): number;

	/** A new id, unique for the life of the store, e.g. a UUID. */
	newId(): string;
}
