/**
 * Rare states that a large enough suite must reach: a simulation that never meets them proves
 * nothing about them.
 */
export const SOMETIMES: readonly string[] = [
	'retry',
	'reused result',
	'late result',
	'zombie',
	'wait for the pool',
	'step timed out',
	'dependency timed out',
	'blocked',
	'deadlock',
	'loop',
	'renewed',
	'condition came true',
	'part of a body failed',
	'pre-empted',
	'paused',
	'restored from a checkpoint',
	'answered',
	'answered in vain',
	'partial',
	'fail fast',
	'compensation failed',
	'crash while running',
	'crash while cancelling',
	'crash while waiting',
	'crash while paused',
	'crash while undoing',
	'crash in the last attempt',
	'run completed',
	'run failed',
	'run cancelled',
	'run timed_out',
	'run cancelled while running',
	'run cancelled while waiting',
	'run cancelled while paused',
	'step cancelled while pending',
	'step cancelled while queued',
	'step cancelled while running',
	'step cancelled while backing_off',
	'step cancelled while waiting',
];

/** Schedules after which every one of them should have been reached. */
export const ENOUGH_SCHEDULES = 20_000;
