/** How an attempt ended, for whoever lent it something. */
export interface AttemptEnd {
	/** Whether the call was made at all. */
	started: boolean;
	/** Its result, when it succeeded. */
	value?: unknown;
	/** Why it failed; undefined when it succeeded. */
	error?: unknown;
}

/** Something that is lent to one attempt: a place in a pool, a part of a budget. */
export interface Pass {
	/** The attempt has ended. */
	leave(end: AttemptEnd): void;
	/** Nobody waits for the attempt any more, but its call still runs. */
	abandon(body: Promise<unknown>): void;
}

/** Who may go on, and when. A layer above implements it for what it manages. */
export interface Gate {
	/**
	 * A pass now, or nothing when it has to be waited for.
	 *
	 * @throws when waiting could not help
	 */
	tryEnter(attempt: number): Pass | undefined;

	/** Waits for a pass. @throws as `tryEnter` does, and the signal's error when it aborts */
	enter(attempt: number, signal: AbortSignal): Promise<Pass>;
}

/** What a call that has not begun waits for. */
export interface BlockedBy {
	kind: 'budget' | 'breaker' | 'rate' | 'pool';
	/** In a few words for people, e.g. `its turn under the rate limit`. */
	detail: string;
	/** Wall clock, milliseconds since the epoch. */
	since: number;
}
