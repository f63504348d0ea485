import { isJsonObject, parseJson, type EventSink, type RunEvent, type Runtime } from '../core';
import type { LogEntry, Store } from '../store';
import type { ExecutionRecord } from './executionRecord';

/** An event of an execution, as the feed keeps it. */
export interface FedEvent extends RunEvent {
	/** Its place in what was read: 1, 2, 3, … without gaps; go on reading after the last one. */
	position: number;
	workflowId: string;
	/** Name of the workflow. */
	workflow: string;
}

/** Which events to read. */
export interface EventQuery {
	/** Only those of this execution; all of them. Default: the important ones of all executions. */
	runId?: string;
	/** Only those with a higher position. Default 0. */
	after?: number;
	/** At most this many. Default 100. */
	limit?: number;
}

/** The log of all executions. */
const FEED = 'execution-feed';

/** Events that the feed of all executions has. */
const IMPORTANT =
	/^(run\.(?!pausing|cancelling)|step\.(started|completed|failed|skipped|cancelled|timed_out|retry)|budget\.|human\.)/;

/** How long events are collected before they are written together, in milliseconds. */
const COLLECT_MS = 100;

/** The feed of all executions keeps about as many of the latest events. */
const KEPT = 20_000;

/** An event with whose it is. */
type StoredEvent = Omit<FedEvent, 'position'> & { owner?: string };

/**
 * The events of executions, in the store: one log for each execution, and one with the important
 * events of all. Best effort, as all sinks are: a process that dies loses the last moment of them.
 */
export class EventFeed {
	constructor(
		private readonly store: Store,
		private readonly runtime: Pick<Runtime, 'setTimer'>,
	) {}

	/** Collects the events of one execution that runs here. */
	writerFor(record: ExecutionRecord): FeedWriter {
		return new FeedWriter(record, this.runtime, async (events) => await this.write(events));
	}

	/**
	 * Reads events in their order.
	 *
	 * @param owner - only events of this owner's executions. Default: of all
	 */
	async read(query: EventQuery, owner?: string): Promise<{ events: FedEvent[]; last: number }> {
		const { runId, after = 0, limit = 100 } = query;
		const log = runId === undefined ? FEED : logOf(runId);
		const rows = await this.store.read(log, { after, limit });
		const events = rows.flatMap(({ seq, body }) => {
			const event = parseJson(body);
			if (!isJsonObject(event)) return [];
			const { owner: whose, ...rest } = event as unknown as StoredEvent;
			return owner === undefined || owner === whose ? [{ ...rest, position: seq }] : [];
		});
		return { events, last: rows.at(-1)?.seq ?? after };
	}

	/** Removes the log of an execution. */
	async remove(runId: string): Promise<void> {
		await this.store.removeRun(logOf(runId));
	}

	private async write(events: readonly StoredEvent[]): Promise<void> {
		const entries = events.flatMap((event): LogEntry[] => {
			const body = JSON.stringify(event);
			const own = { runId: logOf(event.runId), body };
			return IMPORTANT.test(event.type) ? [own, { runId: FEED, body }] : [own];
		});
		const numbers = await this.store.append(entries);
		const last = entries.findLastIndex(({ runId }) => runId === FEED);
		const newest = numbers[last] ?? 0;
		if (newest > KEPT && newest % 100 < entries.length) {
			await this.store.cut(FEED, { below: newest - KEPT });
		}
	}
}

function logOf(runId: string): string {
	return `execution-events/${runId}`;
}

/** Collects the events of one execution, and writes them together. */
export class FeedWriter {
	private collected: StoredEvent[] = [];
	private timer: { cancel(): void } | undefined;
	private writing: Promise<void> = Promise.resolve();

	constructor(
		private readonly record: ExecutionRecord,
		private readonly runtime: Pick<Runtime, 'setTimer'>,
		private readonly write: (events: readonly StoredEvent[]) => Promise<void>,
	) {}

	readonly sink: EventSink = (event) => {
		const { workflowId, name: workflow, owner } = this.record;
		this.collected.push({ ...event, workflowId, workflow, ...(owner && { owner }) });
		this.timer ??= this.runtime.setTimer(COLLECT_MS, () => void this.flush());
	};

	/** Writes what was collected. Never rejects: events only inform. */
	async flush(): Promise<void> {
		this.timer?.cancel();
		this.timer = undefined;
		const events = this.collected;
		this.collected = [];
		if (events.length > 0) {
			this.writing = this.writing.then(async () => await this.write(events)).catch(() => undefined);
		}
		await this.writing;
	}
}
