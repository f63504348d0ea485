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
	/** About how long it will still work, in milliseconds, at its pace so far; when that can be told. */
	etaMs?: number;
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
	/** What earlier processes did: it says nothing about the pace of this one. */
	private before = 0;
	/** How long the run has been at work, in milliseconds, without pauses and waiting. */
	private workedMs = 0;
	private workingSince: number | undefined;

	/** @param weights - of steps that do not say theirs; see `GraphRunOptions.weights` */
	constructor(private readonly weights: Readonly<Record<string, number>> | undefined) {}

	/** The run is at work from now on. @param now - milliseconds since the epoch */
	go(now: number): void {
		this.workingSince ??= now;
	}

	/** The run is paused, waits, or has ended. */
	rest(now: number): void {
		if (this.workingSince !== undefined) this.workedMs += now - this.workingSince;
		this.workingSince = undefined;
	}

	/** About how long the rest will take; `undefined` before anything is done and after all is. */
	etaMs(now: number): number | undefined {
		const done = this.done - this.before;
		const left = this.total - this.done;
		const workedMs = this.workedMs + (now - (this.workingSince ?? now));
		if (done <= 0 || left <= 0 || workedMs <= 0) return undefined;
		return Math.round((workedMs * left) / done);
	}

	/** A step takes part. */
	add(step: Step): void {
		this.total += this.weightOf(step);
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
		this.done += (now - before) * this.weightOf(step);
		this.step = step;
		if (message !== undefined) this.message = message;
	}

	/**
	 * A step has ended, however.
	 *
	 * @param isPast - whether an earlier process did it
	 */
	end(step: Step, isPast: boolean): void {
		const more = (1 - (step.rare?.fraction ?? 0)) * this.weightOf(step);
		this.done += more;
		if (isPast) this.before += more;
	}

	/** An ended step runs again. */
	again(step: Step): void {
		this.epoch++;
		this.done -= this.weightOf(step);
		this.highest = 0;
	}

	/** 0 to 100, never less than before in this epoch. */
	percent(): number {
		// Rounded to a millionth, so that sums of fractions end at exactly 100.
		const percent = this.total === 0 ? 0 : Math.round((1e8 * this.done) / this.total) / 1e6;
		this.highest = Math.max(this.highest, percent);
		return this.highest;
	}

	private weightOf({ id, definition }: Step): number {
		return definition.weight ?? this.weights?.[id] ?? 1;
	}
}

/** How long completed steps took, at least a millisecond each. */
export function weightsOf(steps: readonly Step[]): Record<string, number> {
	const weights: Record<string, number> = {};
	for (const { id, status, startedAt, endedAt, reused } of steps) {
		if (status === 'completed' && !reused) weights[id] = Math.max(1, endedAt - startedAt);
	}
	return weights;
}
