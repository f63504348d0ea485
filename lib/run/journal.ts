import type { SerializedError } from '../core';

/** What a completed step left behind. */
export interface JournaledResult {
	/** The step's output; JSON when the journal is durable. */
	output: unknown;
	/** Where the step said to go, when it named successors. */
	next?: readonly string[];
	/** The attempt that succeeded: 1, 2, … */
	attempt: number;
	/** Place in the run's completion order: 1, 2, … Compensation goes through it backwards. */
	order: number;
}

/** What a journal knows about one execution of one step. */
export interface JournalEntry {
	/** Stable across restarts, e.g. `fetch`, `refine#2` (second execution), `pay/compensate`. */
	path: string;
	/** Hash of the step's declared input; the empty string when it declares none. */
	inputHash: string;
	status: 'started' | 'completed' | 'failed';
	/** Attempts started so far, also by processes that died. */
	attempt: number;
	/** Set when completed. */
	result?: JournaledResult;
	/** Set when failed. */
	error?: SerializedError;
}

/**
 * The run's memory of its steps: what lets a second process go on where the first one died.
 *
 * Every method may answer at once or with a promise. The scheduler waits for a promise before it
 * goes on, so a durable journal decides itself what is worth waiting for: `started` before the
 * step's side effects, `completed` before the step's successors. A memory answers at once and
 * costs no microtask.
 *
 * What must hold: an entry that was recorded is found again, by every later process of the same
 * run; a `completed` entry is never changed by a later `started` or `failed`.
 *
 * A rejected promise or a throw means that the record is lost; the scheduler then fails the step
 * with `JOURNAL_FAILED` instead of carrying on with a result nobody will remember.
 */
export interface Journal {
	/**
	 * Looks for a step that was recorded before.
	 *
	 * @returns `undefined` when the path is unknown or was recorded with another input
	 */
	find(
		path: string,
		inputHash: string,
	): JournalEntry | undefined | Promise<JournalEntry | undefined>;

	/** Records that an attempt is about to start. */
	started(path: string, inputHash: string, attempt: number): void | Promise<void>;

	/** Records the result; from here on the step never runs again in this run. */
	completed(path: string, inputHash: string, result: JournaledResult): void | Promise<void>;

	/**
	 * The highest `order` of any completed entry, 0 without one: the run goes on counting there.
	 * Default: the scheduler counts from the time of day, which only grows.
	 */
	lastOrder?(): number | Promise<number>;

	/** Records the last error of a step that will not be tried again by this process. */
	failed(
		path: string,
		inputHash: string,
		attempt: number,
		error: SerializedError,
	): void | Promise<void>;
}

/** A journal in memory: the reference for durable ones, and the whole truth of a short run. */
export class MemoryJournal implements Journal {
	private readonly entries = new Map<string, JournalEntry>();
	private highestOrder = 0;
	/** A step is looked for, started and completed in a row, as long as nothing runs beside it. */
	private last: JournalEntry | undefined;

	find(path: string, inputHash: string): JournalEntry | undefined {
		const entry = this.last?.path === path ? this.last : this.entries.get(path);
		return entry?.inputHash === inputHash ? entry : undefined;
	}

	started(path: string, inputHash: string, attempt: number): void {
		const entry = this.find(path, inputHash);
		if (entry === undefined) {
			this.put({ path, inputHash, status: 'started', attempt, result: undefined });
		} else if (entry.status !== 'completed') {
			entry.status = 'started';
			entry.attempt = attempt;
		}
	}

	completed(path: string, inputHash: string, result: JournaledResult): void {
		const { attempt, order } = result;
		this.highestOrder = Math.max(this.highestOrder, order);
		const entry = this.find(path, inputHash);
		if (entry === undefined) {
			this.put({ path, inputHash, status: 'completed', attempt, result });
			return;
		}
		entry.status = 'completed';
		entry.attempt = attempt;
		entry.result = result;
		if (entry.error !== undefined) entry.error = undefined;
	}

	failed(path: string, inputHash: string, attempt: number, error: SerializedError): void {
		if (this.find(path, inputHash)?.status === 'completed') return;
		this.put({ path, inputHash, status: 'failed', attempt, result: undefined, error });
	}

	private put(entry: JournalEntry): void {
		this.entries.set(entry.path, entry);
		this.last = entry;
	}

	lastOrder(): number {
		return this.highestOrder;
	}

	/** Every entry, in the order in which the paths were first recorded. */
	all(): JournalEntry[] {
		return [...this.entries.values()];
	}
}
