import type { RunStatus } from '../run';
import { isRunEnded } from '../run';
import { giveBackAdmitted } from './admission';
import type { RunCheckpoint } from './checkpointRecord';
import type { RunClock } from './runClock';
import type { RunCore } from './runCore';

/** Why a run is paused: to go on here, or because the process ends. */
export type PauseReason = 'pause' | 'drain';

/** Keeps the status of a run: tells of it, lets the clock follow it, and lets others wait for it. */
export class StatusKeeper {
	private reason: PauseReason = 'pause';
	private readonly untilIdleWaiters: Array<(status: RunStatus) => void> = [];
	private readonly pauseWaiters: Array<(checkpoint: RunCheckpoint) => void> = [];

	constructor(
		private readonly run: RunCore,
		private readonly clock: RunClock | undefined,
		private readonly checkpoint: () => RunCheckpoint,
	) {}

	set(status: RunStatus): void {
		const { run } = this;
		const { countWaitingTime = false } = run.options;
		run.status = status;
		if (status === 'running') run.progress.go(run.now());
		else if (isIdle(status)) run.progress.rest(run.now());
		run.events.emit(`run.${status}`);
		if (!countWaitingTime) {
			if (status === 'waiting' || status === 'paused') this.clock?.pause();
			else if (status === 'running') this.clock?.go();
		}
		if (!isIdle(status)) return;
		for (const resolve of this.untilIdleWaiters.splice(0)) resolve(status);
	}

	/** It follows from what the steps do. */
	update(): void {
		const { run } = this;
		if (run.stopping !== undefined) {
			if (run.status !== 'cancelling') this.set('cancelling');
		} else if (run.held) {
			if (run.status === 'pausing' && run.running + run.starting === 0) this.onPaused();
		} else {
			const waiting = run.busy === 0 && run.suspended > 0 && run.ended.length === 0;
			const next = waiting ? 'waiting' : 'running';
			if (run.status !== next) this.set(next);
		}
	}

	/** Waits until the run has ended, is paused, or waits for answers alone. */
	async untilIdle(): Promise<RunStatus> {
		const { status } = this.run;
		if (isIdle(status)) return status;
		return await new Promise((resolve) => this.untilIdleWaiters.push(resolve));
	}

	/** Begins to pause. @returns the checkpoint, once nothing runs any more */
	async pause(reason: PauseReason): Promise<RunCheckpoint> {
		this.reason = reason;
		const paused = new Promise<RunCheckpoint>((resolve) => this.pauseWaiters.push(resolve));
		this.set('pausing');
		return await paused;
	}

	/** A pause that a cancel overtook is answered all the same: there is nothing more to wait for. */
	answerPauses(): void {
		if (this.pauseWaiters.length === 0) return;
		const checkpoint = this.checkpoint();
		for (const resolve of this.pauseWaiters.splice(0)) resolve(checkpoint);
	}

	private onPaused(): void {
		const { run, reason } = this;
		giveBackAdmitted(run);
		this.set('paused');
		run.events.emit('checkpoint.taken', undefined, undefined, { reason });
		this.answerPauses();
	}
}

function isIdle(status: RunStatus): boolean {
	return isRunEnded(status) || status === 'waiting' || status === 'paused';
}
