import type { Step } from './step';

/** How far a run is. */
export interface Progress {
	/** 0 to 100. Never goes down, except when a loop begins a new round: see `epoch`. */
	percent: number;
	/** Goes up by one each time an ended step runs again. */
	epoch: number;
	/** Path of the step that last started or reported. */
	step?: string;
	/** What it is doing. */
	message?: string;
	/** Milliseconds since the epoch. */
	lastActivityAt: number;
	/** Whether nothing has happened for longer than the run's `stallMs`. */
	stalled: boolean;
}

/** Adds up the weights of steps and the fractions they report. Each change costs the same. */
export class ProgressTracker {
	epoch = 0;
	step: Step | undefined;
	message: string | undefined;
	private total = 0;
	private done = 0;
	private highest = 0;

	/** A step takes part. */
	add(step: Step): void {
		this.total += weightOf(step);
	}

	/** A step has started an attempt. */
	start(step: Step): void {
		this.step = step;
		this.message = step.definition.description ?? step.id;
	}

	/** A step says how far it is. */
	report(step: Step, fraction: number, message: string | undefined): void {
		const { extras } = step;
		const before = extras.fraction ?? 0;
		const now = Math.min(1, Math.max(before, fraction));
		extras.fraction = now;
		this.done += (now - before) * weightOf(step);
		this.step = step;
		if (message !== undefined) this.message = message;
	}

	/** A step has ended, however. */
	end(step: Step): void {
		this.done += (1 - (step.rare?.fraction ?? 0)) * weightOf(step);
	}

	/** An ended step runs again. */
	again(step: Step): void {
		this.epoch++;
		this.done -= weightOf(step);
		this.highest = 0;
	}

	/** 0 to 100, never less than before in this epoch. */
	percent(): number {
		// Rounded to a millionth, so that sums of fractions end at exactly 100.
		const percent = this.total === 0 ? 0 : Math.round((1e8 * this.done) / this.total) / 1e6;
		this.highest = Math.max(this.highest, percent);
		return this.highest;
	}
}

function weightOf(step: Step): number {
	return step.definition.weight ?? 1;
}
