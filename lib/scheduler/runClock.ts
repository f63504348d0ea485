import { Deadline } from './deadline';
import { END_PATH } from './ending';
import type { RunCore } from './runCore';
import { recordFact } from './runRecord';

/** Where the journal keeps how much time the run has left. */
export const CLOCK_PATH = '$clock';

/** What was left of the time limit when it was recorded. */
interface ClockRecord {
	leftMs: number;
	/** Wall clock. */
	at: number;
	/** Whether it went on from there. */
	runs: boolean;
}

/**
 * The time limit of a run. It stands still while the run waits for people or is paused, and goes on
 * where it was after a crash: the time until the next process takes over counts, too.
 */
export class RunClock {
	private readonly deadline: Deadline;
	private runs = false;
	private recording: Promise<void> = Promise.resolve();

	/** @param leftMs - what is left of the limit, in milliseconds */
	constructor(
		private readonly run: RunCore,
		leftMs: number,
		onExpire: () => void,
	) {
		this.deadline = new Deadline(run.options.runtime, leftMs, onExpire);
	}

	get leftMs(): number {
		return this.deadline.leftMs;
	}

	/** Takes in what an earlier process, which did not end the run, has used up of the time. */
	async recover(): Promise<void> {
		const { journal } = this.run.options;
		const recorded = await journal?.find(CLOCK_PATH, '');
		if (recorded?.status !== 'completed') return;
		const { leftMs, at, runs } = recorded.result!.output as ClockRecord;
		const ended = await journal!.find(END_PATH, '');
		const { endedAt = 0 } = (ended?.result?.output ?? {}) as { endedAt?: number };
		if (endedAt >= at) return;
		this.deadline.limitTo(runs ? leftMs - (this.run.now() - at) : leftMs);
	}

	go(): void {
		this.deadline.go();
		this.record(true);
	}

	pause(): void {
		this.deadline.pause();
		this.record(false);
	}

	/** The run has ended: nothing is recorded any more. */
	stop(): void {
		this.deadline.pause();
		this.runs = false;
	}

	/** One after the other, so that the last word stays the last. */
	private record(runs: boolean): void {
		const { run } = this;
		if (this.runs === runs || run.options.journal === undefined) return;
		this.runs = runs;
		const record: ClockRecord = { leftMs: this.leftMs, at: run.now(), runs };
		this.recording = this.recording.then(() => recordFact(run, CLOCK_PATH, record));
	}
}
