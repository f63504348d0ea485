import type { Json, JsonObject, SerializedError } from '../core';
import { parseJson } from '../core';
import { decodeRecord, encodeRecord, type LogEntry, type Store } from '../store';

/** How one task of a join ended. */
export type JoinEnd =
	/** `files`: names of files that came with the result, which the log does not keep. */
	| { status: 'completed'; result: Json; files?: string[] }
	| { status: 'failed'; error: SerializedError };

/** What is known of one task of a join. */
export interface JoinTask {
	/** `claimed`: somebody runs it, or did and died; `waiting`: its execution waits, or works elsewhere. */
	status: 'new' | 'claimed' | 'waiting' | 'ended';
	/** How often it was started. */
	runs: number;
	/** The execution that does or did the work, when known. */
	executionId?: string;
	end?: JoinEnd;
	/** When it was first started and when it ended, in milliseconds since the epoch. */
	startedAt?: number;
	endedAt?: number;
}

/** Something that happened to a task. */
export type JoinEvent = { index: number; at: number } & (
	| { what: 'claimed' }
	| { what: 'waiting'; executionId?: string }
	| { what: 'ended'; end: JoinEnd; executionId?: string }
);

/** The log of a join belongs to a run of its own, so that it goes when the join is over. */
export function joinRunId(joinId: string): string {
	return `join:${joinId}`;
}

/**
 * What happened to the tasks of a join, as an append-only log: the one place where processes that
 * run, watch and collect tasks agree. The first end of a task counts; what comes later is ignored.
 */
export class JoinLog {
	readonly tasks: JoinTask[];
	/** The task whose end was recorded last. */
	lastEnded: number | undefined;
	private seen = 0;
	/** Rows of our own that were applied when they were written. */
	private readonly own = new Set<number>();

	constructor(
		private readonly store: Pick<Store, 'read' | 'append'>,
		readonly joinId: string,
		total: number,
	) {
		this.tasks = Array.from({ length: total }, () => ({ status: 'new', runs: 0 }));
	}

	/** Reads what was recorded since. */
	async refresh(): Promise<void> {
		const rows = await this.store.read(joinRunId(this.joinId), { after: this.seen });
		for (const { seq, body } of rows) {
			this.seen = seq;
			if (this.own.delete(seq)) continue;
			const event = eventOf(body);
			if (event !== undefined) this.apply(event);
		}
	}

	/**
	 * Records something.
	 *
	 * @param append - how to write, e.g. through a lease. Default: the store itself
	 */
	async record(
		event: JoinEvent,
		append: Store['append'] = async (entries) => await this.store.append(entries),
	): Promise<void> {
		const seqs = await append([entryOf(this.joinId, event)]);
		for (const seq of seqs) this.own.add(seq);
		this.apply(event);
	}

	get isOver(): boolean {
		return this.tasks.every(({ status }) => status === 'ended');
	}

	private apply(event: JoinEvent): void {
		const task = this.tasks[event.index];
		if (task === undefined || task.status === 'ended') return;
		switch (event.what) {
			case 'claimed':
				task.status = 'claimed';
				task.runs++;
				task.startedAt ??= event.at;
				task.executionId = undefined;
				break;
			case 'waiting':
				task.status = 'waiting';
				task.executionId = event.executionId;
				break;
			case 'ended':
				task.status = 'ended';
				task.end = event.end;
				task.endedAt = event.at;
				this.lastEnded = event.index;
				task.executionId = event.executionId ?? task.executionId;
		}
	}
}

function entryOf(joinId: string, event: JoinEvent): LogEntry {
	const { index, at, what } = event;
	const body = encodeRecord({ kind: 'join', index, at, what }, JSON.stringify(event));
	return { runId: joinRunId(joinId), body };
}

/** A row that cannot be read is as good as one that was never written. */
function eventOf(body: string): JoinEvent | undefined {
	try {
		const { header, payload } = decodeRecord(body);
		if (header.kind !== 'join') return undefined;
		return parseJson(payload()!) as unknown as JoinEvent & JsonObject;
	} catch {
		return undefined;
	}
}
