import type { Attempt } from './attempt';
import { ABANDON_MS } from './limits';
import type { RunCore } from './runCore';

/**
 * The attempt counts no more, but its body still runs: it keeps its place until it settles, or
 * until `abandonMs` have passed and it is a zombie.
 */
export function holdPlace(run: RunCore, attempt: Attempt): void {
	attempt.lingers = true;
	run.lingering.add(attempt);
	attempt.placeTimer = run.setTimer(run.options.abandonMs ?? ABANDON_MS, () => {
		becomeZombie(run, attempt);
		settlePlace(attempt);
		run.wake();
	});
}

/** The body has had time enough to settle: from now on it runs without a place. */
export function becomeZombie(run: RunCore, attempt: Attempt): void {
	attempt.isZombie = true;
	run.zombies.add(attempt.path);
	run.events.emit('pool.zombie', attempt.path, attempt.attempt);
}

/** A body settled after its attempt had ended: its place is free, its result is nobody's. */
export function onLate(run: RunCore, attempt: Attempt, status: 'completed' | 'failed'): void {
	run.clearTimer(attempt.placeTimer);
	attempt.isZombie = false;
	settlePlace(attempt);
	run.zombies.delete(attempt.path);
	run.events.emit('late.result', attempt.path, attempt.attempt, { status });
}

/** The place is free now, or as soon as the step has gone on. */
function settlePlace(attempt: Attempt): void {
	attempt.lingers = false;
	attempt.run.lingering.delete(attempt);
	if (!attempt.isCurrent) attempt.release();
}
