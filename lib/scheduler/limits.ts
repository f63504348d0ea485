/** Most executions of a step in one run, unless it says otherwise. */
export const MAX_ITERATIONS = 25;

/** Longest time of a compensation or cleanup, in milliseconds. */
export const CLEANUP_TIMEOUT_MS = 10_000;

/** How long a body that does not obey keeps its place, in milliseconds. */
export const ABANDON_MS = 30_000;

/** Longest back-off or interval inside a run, in milliseconds. */
export const MAX_IN_RUN_WAIT_MS = 300_000;

/** Waiting this long for a place in the run raises the priority by one class, in milliseconds. */
export const READY_AGEING_MS = 30_000;

/** No event for so long is a stall, in milliseconds. */
export const STALL_MS = 60_000;
