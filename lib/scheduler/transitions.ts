import { EngineError } from '../core';
import { STEP_STATUSES, type StepStatus } from '../run';

/**
 * Where a step may go from each status; everything else is a bug and throws.
 *
 * `ready → completed` takes a recorded result from the journal, `ready → blocked` and
 * `queued → blocked` are a dependency that expired at the last moment, `queued → failed` is work that can never be admitted,
 * `running → queued` is pre-emption, `waiting → backing_off` is a body of which one part fails while
 * another waits; it may also end while it is in line with its answers. Only a new execution begins again at `pending`.
 */
const TRANSITIONS: Readonly<Record<StepStatus, readonly StepStatus[]>> = {
	pending: ['blocked', 'ready', 'skipped', 'cancelled', 'timed_out'],
	blocked: ['ready', 'skipped', 'failed', 'cancelled', 'timed_out'],
	ready: ['queued', 'blocked', 'completed', 'cancelled'],
	queued: [
		'running',
		'blocked',
		'completed',
		'backing_off',
		'waiting',
		'failed',
		'timed_out',
		'cancelled',
	],
	running: ['completed', 'waiting', 'backing_off', 'queued', 'failed', 'timed_out', 'cancelled'],
	backing_off: ['queued', 'cancelled', 'timed_out', 'failed'],
	waiting: ['queued', 'completed', 'backing_off', 'failed', 'timed_out', 'cancelled'],
	completed: [],
	failed: [],
	skipped: [],
	cancelled: [],
	timed_out: [],
};

const BIT = Object.fromEntries(
	STEP_STATUSES.map((status, index) => [status, 1 << index]),
) as Readonly<Record<StepStatus, number>>;

/** The same table as bits: one lookup and one `and` a transition. */
const ALLOWED = Object.fromEntries(
	STEP_STATUSES.map((status) => [
		status,
		TRANSITIONS[status].reduce((bits, to) => bits | BIT[to], 0),
	]),
) as Readonly<Record<StepStatus, number>>;

/** Whether a step may go from one status to another. */
export function mayMove(from: StepStatus, to: StepStatus): boolean {
	return (ALLOWED[from] & BIT[to]) !== 0;
}

/** @throws {EngineError} code `ILLEGAL_TRANSITION` unless the table has it */
export function assertMove(path: string, from: StepStatus, to: StepStatus): void {
	if ((ALLOWED[from] & BIT[to]) !== 0) return;
	throw new EngineError('ILLEGAL_TRANSITION', `Step "${path}" cannot go from ${from} to ${to}.`, {
		details: { path, from, to },
		retryable: false,
	});
}
