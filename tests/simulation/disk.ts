import {
	MemoryJournal,
	type Journal,
	type JournaledResult,
	type JournalEntry,
	type SerializedError,
	type VirtualRuntime,
} from '../../lib';

/** How long a write may take, in milliseconds. */
const MAX_WRITE_MS = 3;

/**
 * A disk that survives crashes. Writes reach it some time after they were asked for; a crash loses
 * those that are under way, or, when it tears, all after some point.
 */
export class SimulatedDisk {
	readonly records = new MemoryJournal();
	/** Paths of what was ever recorded as done. */
	readonly done = new Set<string>();
	private underWay: Array<() => void> = [];

	/** Records what is now in the journal, whatever becomes of the process. */
	constructor(private readonly slow: boolean) {}

	/** The journal of one process. */
	journal(runtime: VirtualRuntime): Journal {
		const write = (apply: () => void): void | Promise<void> => this.write(runtime, apply);
		const { records } = this;
		return {
			find: (path, inputHash) =>
				this.slow ? this.read(runtime, path, inputHash) : records.find(path, inputHash),
			lastOrder: () => records.lastOrder(),
			started: (path, inputHash, attempt) => write(() => records.started(path, inputHash, attempt)),
			completed: (path: string, inputHash: string, result: JournaledResult) =>
				write(() => {
					this.done.add(path);
					records.completed(path, inputHash, result);
				}),
			failed: (path: string, inputHash: string, attempt: number, error: SerializedError) =>
				write(() => records.failed(path, inputHash, attempt, error)),
		};
	}

	entry(path: string): JournalEntry | undefined {
		return this.records.all().find((entry) => entry.path === path);
	}

	/** The process dies. A torn crash still brings the first writes under way to the disk. */
	crash(torn: boolean, random: () => number): void {
		const kept = torn ? Math.floor(random() * (this.underWay.length + 1)) : 0;
		for (const apply of this.underWay.slice(0, kept)) apply();
		this.underWay = [];
	}

	private write(runtime: VirtualRuntime, apply: () => void): void | Promise<void> {
		if (!this.slow) return apply();
		this.underWay.push(apply);
		return new Promise((resolve) => {
			runtime.setTimer(runtime.random() * MAX_WRITE_MS, () => {
				this.underWay = this.underWay.filter((other) => other !== apply);
				apply();
				resolve();
			});
		});
	}

	private async read(
		runtime: VirtualRuntime,
		path: string,
		inputHash: string,
	): Promise<JournalEntry | undefined> {
		await new Promise<void>((resolve) => {
			runtime.setTimer(runtime.random() * MAX_WRITE_MS, resolve);
		});
		const entry = this.records.find(path, inputHash);
		return entry && { ...entry };
	}
}
