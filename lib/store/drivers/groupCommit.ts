import { setImmediate } from 'node:timers';

/** One write that waits for the next commit. */
export interface Write<Result = unknown> {
	/** Runs inside the transaction. What it throws undoes the whole group. */
	body: () => Result;
	/** Whether it is one statement, which needs no transaction when it is alone. */
	single: boolean;
}

interface PendingWrite extends Write {
	resolve: (result: unknown) => void;
	reject: (error: unknown) => void;
}

/** How many writes go by themselves before it is looked again whether others come with them. */
const ALONE = 31;

/**
 * Puts all writes of one turn of the event loop into one commit: a commit costs about four times
 * what a row does, and the results of many tasks at once arrive in the same turn.
 *
 * A writer who waits for each of its writes has nothing to gain from that, and the turn to lose: as
 * long as writes turn out to be alone, most are committed at once.
 */
export class GroupCommit {
	private pending: PendingWrite[] = [];
	private alone = 0;

	/** @param commit - runs the bodies in one transaction and gives back what they returned */
	constructor(private readonly commit: (group: readonly Write[]) => Promise<unknown[]>) {}

	/** @throws what the commit of its group throws */
	async add<Result>(write: Write<Result>): Promise<Result> {
		return await new Promise<Result>((resolve, reject) => {
			this.pending.push({ ...write, resolve: resolve as PendingWrite['resolve'], reject });
			if (this.pending.length === 1) this.schedule();
		});
	}

	private schedule(): void {
		if (this.alone > 0) {
			this.alone--;
			void Promise.resolve().then(async () => await this.flush());
			return;
		}
		setImmediate(() => {
			if (this.pending.length === 1) this.alone = ALONE;
			void this.flush();
		});
	}

	/** Commits at once what waits. */
	async flush(): Promise<void> {
		const group = this.pending;
		if (group.length === 0) return;
		this.pending = [];
		await this.commit(group).then(
			(results) => group.forEach(({ resolve }, index) => resolve(results[index])),
			(error: unknown) => group.forEach(({ reject }) => reject(error)),
		);
	}
}
