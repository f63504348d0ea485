import { addUsage, MAX_OPEN_STEPS, noUsage, reportPart } from '../../lib';
import type {
	PartDetail,
	RunPart,
	Savings,
	SerializedError,
	Store,
	StoredDocument,
	Timer,
	Usage,
} from '../../lib';
import { n8nRuntime } from './runtime';

/** Longest time that the record of the run lags behind, in milliseconds. */
const LAG_MS = 200;

/** Where a node's part of a run is recorded. */
interface PartPlace {
	store: Store;
	runKey: string;
	part: string;
	/** What recorded results have saved until now. */
	savings: Savings;
}

/** What is told of a step that has ended. */
export interface StepEnd {
	usage?: Usage;
	error?: SerializedError;
	/** What ended the work on a better result. */
	cutShort?: SerializedError;
}

/** What a node tells of itself besides what is told of every node. */
export type OwnReport = Pick<RunPart, 'progress' | 'detail'> & { message: string };

/**
 * Keeps the record of a run up to date about one node: at once when work begins and ends, and a few
 * times a second in between, however many steps there are.
 */
export class PartProgress {
	private readonly counts = { running: 0, completed: 0, failed: 0 };
	/** Steps that have not ended, and since when. */
	private readonly open = new Map<string, number>();
	private slowest: PartDetail['slowest'];
	private expected = 0;
	private usage: Usage = noUsage();
	private lastError: SerializedError | undefined;
	private budgetReached: RunPart['budgetReached'];
	private own: OwnReport | undefined;
	private dirty = false;
	private writing: Promise<void> | undefined;
	private timer: Timer | undefined;
	private writtenAt = -Infinity;
	/** The record as this node wrote it last: it need not be read again. */
	private last: StoredDocument | undefined;

	constructor(private readonly place: PartPlace) {}

	/** Says how many steps there will be, so that a pause between two is not taken for the end. */
	expect(steps: number): void {
		this.expected += steps;
	}

	/** A step begins, by its path within the node. */
	begin(step: string): void {
		this.open.set(step, n8nRuntime.now());
		this.counts.running++;
		this.changed();
	}

	/**
	 * A step has ended.
	 *
	 * @param told - what it used now, why it failed, or what cut it short
	 * @returns a promise when it was the last one: the record is up to date then
	 */
	end(
		step: string,
		how: 'completed' | 'failed',
		{ usage, error, cutShort }: StepEnd = {},
	): void | Promise<void> {
		const { counts } = this;
		this.clock(step);
		if (usage !== undefined) this.usage = addUsage(this.usage, usage);
		this.lastError = error ?? this.lastError;
		const reason = error ?? cutShort;
		if (reason?.errorClass === 'budget') {
			this.budgetReached ??= { at: n8nRuntime.now(), error: reason };
		}
		counts.running--;
		counts[how]++;
		this.changed();
		if (counts.running === 0 && counts.completed + counts.failed >= this.expected) {
			return this.flush();
		}
	}

	/** Tells what only this kind of node knows; its message stands while a step is under way. */
	tell(own: OwnReport): void {
		this.own = own;
		this.changed();
	}

	private clock(step: string): void {
		const now = n8nRuntime.now();
		const durationMs = now - (this.open.get(step) ?? now);
		this.open.delete(step);
		if (durationMs >= (this.slowest?.durationMs ?? 0)) this.slowest = { step, durationMs };
	}

	/** Brings the record up to date. */
	async flush(): Promise<void> {
		this.timer?.cancel();
		this.timer = undefined;
		await this.writing;
		if (this.dirty) await (this.writing ??= this.write());
	}

	private changed(): void {
		this.dirty = true;
		if (this.writing !== undefined || this.timer !== undefined) return;
		const waitMs = LAG_MS - (n8nRuntime.monotonic() - this.writtenAt);
		if (waitMs <= 0) this.writing = this.write();
		else this.timer = n8nRuntime.setTimer(waitMs, () => void this.flush());
	}

	private async write(): Promise<void> {
		this.dirty = false;
		const { store, runKey, part } = this.place;
		// The record informs; work that is done is not failed because it cannot be told.
		const reported = reportPart(store, runKey, part, this.current(), n8nRuntime.now(), this.last);
		this.last = await reported.catch(() => undefined);
		this.writing = undefined;
		this.writtenAt = n8nRuntime.monotonic();
		if (this.dirty) this.changed();
	}

	private current(): Partial<RunPart> {
		const { running, completed, failed } = this.counts;
		const { progress, detail, message } = this.own ?? {};
		const counted = `${completed} done, ${failed} failed, ${running} running`;
		return {
			status: running > 0 ? 'running' : failed > 0 ? 'failed' : 'completed',
			message: running > 0 ? (message ?? counted) : counted,
			...(progress !== undefined && { progress }),
			saved: this.place.savings,
			usage: this.usage,
			error: this.lastError,
			...(this.budgetReached && { budgetReached: this.budgetReached }),
			detail: { ...detail, ...this.detail() },
		};
	}

	private detail(): PartDetail {
		const open: PartDetail['open'] = [];
		for (const [step, since] of this.open) {
			if (open.push({ step, since }) === MAX_OPEN_STEPS) break;
		}
		return {
			open,
			...(this.slowest && { slowest: this.slowest }),
		};
	}
}
