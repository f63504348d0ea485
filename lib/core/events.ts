import type { Logger } from './logger';
import { messageOf } from './errors';
import { silentLogger } from './logger';

/** Something that happened in a run. */
export interface RunEvent {
	/**
	 * 1, 2, 3, … without a gap, per process or chain of checkpoints of a run: a reader that sees a gap
	 * has missed something. After a crash without a checkpoint it begins at 1 again.
	 */
	seq: number;
	/** Milliseconds since the epoch. */
	at: number;
	runId: string;
	/** What happened: `run.started`, `step.completed`, `checkpoint.saved`, … */
	type: string;
	/** The execution of the step it happened to, e.g. `refine#2`. */
	stepPath?: string;
	/** The attempt it happened in: 1, 2, … */
	attempt?: number;
	/** Plain JSON; never a secret. */
	data?: Readonly<Record<string, unknown>>;
}

/**
 * Receives events, one after the other. Best effort: a sink that throws three times is disabled,
 * and neither a slow nor a broken sink holds up the run.
 */
export type EventSink = (event: RunEvent) => void | Promise<void>;

/** A sink that fails this often is disabled. */
const MAX_SINK_ERRORS = 3;

interface Subscription {
	sink: EventSink;
	errors: number;
}

/** Numbers the events of one run and hands them to its sinks. */
export class EventStream {
	private subscriptions: readonly Subscription[] = [];
	private lastSeq: number;

	/**
	 * @param firstSeq - number of the first event; more than 1 for a run that goes on after a restart
	 * @param logger - told about sinks that fail
	 */
	constructor(
		private readonly runId: string,
		private readonly clock: { now(): number },
		private readonly logger: Logger = silentLogger,
		firstSeq = 1,
	) {
		this.lastSeq = firstSeq - 1;
	}

	/** The number of the last event; 0 before the first. */
	get seq(): number {
		return this.lastSeq;
	}

	/** Adds a sink. @returns a function that removes it */
	subscribe(sink: EventSink): () => void {
		const subscription = { sink, errors: 0 };
		this.subscriptions = [...this.subscriptions, subscription];
		return () => this.remove(subscription);
	}

	/**
	 * Numbers an event and hands it out. Without a sink it only counts.
	 *
	 * @param at - when it happened, in milliseconds since the epoch; default: now
	 */
	emit(
		type: string,
		stepPath?: string,
		attempt?: number,
		data?: Readonly<Record<string, unknown>>,
		at?: number,
	): void {
		const seq = ++this.lastSeq;
		if (this.subscriptions.length === 0) return;
		const event = this.eventOf(seq, at ?? this.clock.now(), type, stepPath, attempt);
		if (data !== undefined) event.data = data;
		for (const subscription of this.subscriptions) this.hand(subscription, event);
	}

	/** Written out by what there is: a property added later costs as much as the rest. */
	private eventOf(
		seq: number,
		at: number,
		type: string,
		stepPath: string | undefined,
		attempt: number | undefined,
	): RunEvent {
		const { runId } = this;
		if (stepPath === undefined) return { seq, at, runId, type };
		if (attempt === undefined) return { seq, at, runId, type, stepPath };
		return { seq, at, runId, type, stepPath, attempt };
	}

	private hand(subscription: Subscription, event: RunEvent): void {
		try {
			const done = subscription.sink(event);
			if (done instanceof Promise) {
				done.catch((error: unknown) => this.blame(subscription, error));
			}
		} catch (error) {
			this.blame(subscription, error);
		}
	}

	private blame(subscription: Subscription, error: unknown): void {
		subscription.errors++;
		const disabled = subscription.errors >= MAX_SINK_ERRORS;
		this.logger.log(
			'warn',
			disabled ? 'An event sink failed and is disabled.' : 'An event sink failed.',
			{ runId: this.runId, errors: subscription.errors, error: messageOf(error) },
		);
		if (disabled) this.remove(subscription);
	}

	private remove(subscription: Subscription): void {
		this.subscriptions = this.subscriptions.filter((other) => other !== subscription);
	}
}
