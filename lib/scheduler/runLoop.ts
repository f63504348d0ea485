import { serializeError } from '../core';
import type { AttemptHost } from './attempt';
import { dispatch } from './admission';
import { cancelNow } from './cancel';
import { follow, followAgain, releaseParked } from './flow';
import { giveUpOverdue, recheckConditions, tellDependents } from './gates';
import type { CancelMode } from './options';
import { hasFailed, isTolerated } from './outcome';
import { parentsOf } from './parents';
import { scheduleRenewal } from './periodic';
import type { RunCore } from './runCore';
import { resolveStall } from './stall';
import type { Step } from './step';

/** What the loop tells its owner. */
export interface LoopOwner {
	/** Every step has ended. */
	onDone(): void;
	/** Something changed: the status of the run may be another now. */
	onRound(): void;
}

/**
 * The heart of the scheduler. Each round tells dependents of what has ended, starts what may start,
 * and resolves a stall. Bodies that finish at once are part of the round; nothing recurses.
 */
export class RunLoop {
	/** Whether a round is under way, or the loop has not been started. */
	private turning = true;
	private again = false;
	private done = false;

	constructor(
		private readonly run: RunCore,
		private readonly host: AttemptHost,
		private readonly owner: LoopOwner,
	) {
		run.wake = () => this.wake();
	}

	/** The steps are in place. */
	start(): void {
		this.turning = false;
		this.wake();
	}

	wake(): void {
		this.again = true;
		if (this.turning || this.done) return;
		this.turning = true;
		while (this.again && !this.done) {
			this.again = false;
			this.round();
		}
		this.turning = false;
	}

	/** Stops what has not ended, except what may turn out to have been done by an earlier process. */
	cancelAll(mode: CancelMode): void {
		const { run } = this;
		for (const step of run.list) {
			const waits = run.isGated(step) || step.parked;
			if (waits ? !run.hasPast : run.isOpen(step)) cancelNow(run, step, run.stopping!, mode);
		}
	}

	private round(): void {
		const { run } = this;
		this.tellEnded();
		if (run.conditionals.size > 0) recheckConditions(run);
		if (run.overdue.size > 0 && run.lookups === 0) giveUpOverdue(run);
		if (run.stopping === undefined) {
			if (run.parked.size > 0) releaseParked(run);
			dispatch(run, this.host);
		} else if (run.lookups === 0) {
			this.stopRest();
		}
		if (run.ended.length > 0) this.again = true;
		else this.settle();
	}

	/**
	 * Stops what came up since. With a past, each step first gets the chance to find its recorded
	 * result: gates open as others end, parked steps are looked up, and what remains is cancelled.
	 */
	private stopRest(): void {
		const { run } = this;
		this.cancelAll('wait');
		if (!run.hasPast || run.ended.length > 0 || run.busy + run.suspended > 0) return;
		if (run.parked.size > 0) {
			releaseParked(run, true);
			this.again = true;
			return;
		}
		for (const step of run.list) {
			if (run.isGated(step)) cancelNow(run, step, run.stopping!, 'wait');
		}
	}

	/** What happens when a round has changed nothing more. */
	private settle(): void {
		const { run } = this;
		this.owner.onRound();
		// A paused run does not even end.
		if (run.held && run.stopping === undefined) return;
		if (run.open === 0 && run.parked.size === 0) {
			this.done = true;
			run.ending = true;
			this.owner.onDone();
		} else if (run.busy + run.suspended === 0 && run.stopping === undefined) {
			resolveStall(run);
			this.again = true;
		}
	}

	private tellEnded(): void {
		const { run } = this;
		while (run.ended.length > 0) {
			const batch = run.ended;
			run.ended = [];
			if (run.options.onCompleted !== undefined) this.tellOwner(batch);
			for (const step of batch) this.tell(step);
		}
	}

	/** The caller hears of all that completed before any successor is made ready. */
	private tellOwner(batch: readonly Step[]): void {
		const { run } = this;
		const completed = batch.filter(({ status }) => status === 'completed');
		completed.forEach((step, index) => {
			const { id: stepId, path, output, reused } = step;
			const isLast = index === completed.length - 1;
			const quiet = isLast && run.busy + run.suspended === 0;
			try {
				run.options.onCompleted!({
					stepId,
					path,
					output,
					reused,
					quiet,
					parents: parentsOf(run, step),
				});
			} catch (error) {
				run.fatal ??= serializeError(error);
				run.stopping ??= run.cause('sibling', run.fatal.message, stepId);
			}
		});
	}

	private tell(step: Step): void {
		const { run } = this;
		step.told = true;
		// Named first: a step that this completion also unblocks has not begun yet, and runs once.
		if (step.status === 'completed' && step.next !== undefined) follow(run, step);
		tellDependents(run, step);
		if (step.status === 'completed') {
			if (step.outgoing !== undefined) scheduleRenewal(run, step, step.outgoing);
		} else if (run.options.failureMode === 'fail_fast') {
			this.failFast(step);
		}
		if (step.rare?.againBy !== undefined) followAgain(run, step);
	}

	private failFast(step: Step): void {
		const { run } = this;
		if (run.stopping !== undefined || !hasFailed(step) || isTolerated(run, step)) return;
		run.stopAs = 'failed';
		run.stopping = run.cause('sibling', `Step "${step.path}" ${step.status}.`, step.id);
	}
}
