import type { Runtime, Timer } from '../core';

/** A time limit that can stand still. */
export class Deadline {
	private timer: Timer | undefined;
	private startedAt = 0;

	/** @param remainingMs - the time that is left, in milliseconds */
	constructor(
		private readonly runtime: Runtime,
		private remainingMs: number,
		private readonly onExpire: () => void,
	) {}

	/** Time that is left, in milliseconds. */
	get leftMs(): number {
		if (this.timer === undefined) return this.remainingMs;
		return Math.max(0, this.remainingMs - (this.runtime.monotonic() - this.startedAt));
	}

	go(): void {
		if (this.timer !== undefined) return;
		this.startedAt = this.runtime.monotonic();
		this.timer = this.runtime.setTimer(this.remainingMs, this.onExpire);
	}

	/** There is less time left than was thought. Before it goes. */
	limitTo(leftMs: number): void {
		this.remainingMs = Math.max(0, Math.min(this.remainingMs, leftMs));
	}

	pause(): void {
		this.remainingMs = this.leftMs;
		this.timer?.cancel();
		this.timer = undefined;
	}
}
