import type { EventSink, RunEvent } from '../core';
import type { RunCheckpoint } from './checkpointRecord';

/** Times of many, in milliseconds: the median and the 95th percentile, by the nearest rank. */
export interface Spread {
	count: number;
	p50: number;
	p95: number;
}

/** What a run has done and used so far. */
export interface RunReport {
	/** Ends of executions by status: `completed`, `failed`, … */
	ended: Record<string, number>;
	/** Executions that took a recorded result. */
	reused: number;
	attempts: number;
	retries: number;
	/** From the start of an execution to its end, in milliseconds. */
	durationMs: Spread;
	/** From being ready to the first start, in milliseconds. */
	queueMs: Spread;
	/** Waits for the pool, a turn, a circuit, a part of the budget. */
	waits: Record<'pool' | 'rate' | 'breaker' | 'budget', number>;
	/** Circuits that calls of the run have opened. */
	breakerTrips: number;
	preemptions: number;
	/** Bodies that lost their place because they did not obey. */
	zombies: number;
	/** Model calls and what they used, as the budget booked it. */
	calls: number;
	tokens: number;
	/** US dollars, as far as prices are known. */
	costUsd: number;
	checkpoints: number;
	/** Length of the last checkpoint that was handed to `onCheckpoint`, as JSON. */
	checkpointBytes: number;
}

const ENDED = /^step\.(completed|failed|skipped|cancelled|timed_out)$/;

/**
 * Measures a run by its events, steps inside steps included. Give its `sink` to one run.
 *
 * ```ts
 * const meter = new RunMeter();
 * await startGraph(graph, { runtime, sinks: [meter.sink] }).result;
 * console.log(meter.report().durationMs.p95);
 * ```
 */
export class RunMeter {
	private readonly ended: Record<string, number> = {};
	private readonly counts = new Map<string, number>();
	private readonly sums = { calls: 0, tokens: 0, costUsd: 0 };
	private readonly readyAt = new Map<string, number>();
	private readonly startedAt = new Map<string, number>();
	private readonly durations: number[] = [];
	private readonly queued: number[] = [];
	private reused = 0;
	private checkpointBytes = 0;

	/** Receives the events. */
	readonly sink: EventSink = (event) => {
		this.count(event.type);
		if (event.stepPath !== undefined) this.time(event, event.stepPath);
		if (event.type === 'budget.settled') this.book(event);
	};

	/** Measures a checkpoint: the run's `onCheckpoint`, when that is of interest. */
	readonly onCheckpoint = (checkpoint: RunCheckpoint): void => {
		this.checkpointBytes = JSON.stringify(checkpoint).length;
	};

	readonly report = (): RunReport => {
		const { ended, reused, checkpointBytes } = this;
		const of = (type: string): number => this.counts.get(type) ?? 0;
		return {
			ended: { ...ended },
			reused,
			attempts: of('step.started'),
			retries: of('step.retry'),
			durationMs: spreadOf(this.durations),
			queueMs: spreadOf(this.queued),
			waits: {
				pool: of('pool.waiting'),
				rate: of('rate.waiting'),
				breaker: of('breaker.waiting'),
				budget: of('budget.waiting'),
			},
			breakerTrips: of('breaker.open'),
			preemptions: of('pool.preempted'),
			zombies: of('pool.zombie'),
			...this.sums,
			checkpoints: of('checkpoint.taken'),
			checkpointBytes,
		};
	};

	private count(type: string): void {
		this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
	}

	private time({ type, at, data }: RunEvent, path: string): void {
		if (type === 'step.ready') this.readyAt.set(path, at);
		else if (type === 'step.started') this.start(path, at);
		const status = ENDED.exec(type)?.[1];
		if (status === undefined) return;
		this.ended[status] = (this.ended[status] ?? 0) + 1;
		if (data?.reused === true) this.reused++;
		const startedAt = this.startedAt.get(path);
		if (startedAt !== undefined) this.durations.push(at - startedAt);
		this.startedAt.delete(path);
		this.readyAt.delete(path);
	}

	/** Going on after a pause is no start: the execution is timed from its first one. */
	private start(path: string, at: number): void {
		if (this.startedAt.has(path)) return;
		this.startedAt.set(path, at);
		const readyAt = this.readyAt.get(path);
		if (readyAt !== undefined) this.queued.push(at - readyAt);
	}

	private book({ data }: RunEvent): void {
		const { amounts } = data as { amounts: Partial<Record<keyof RunMeter['sums'], number>> };
		for (const unit of ['calls', 'tokens', 'costUsd'] as const) {
			this.sums[unit] += amounts[unit] ?? 0;
		}
	}
}

function spreadOf(values: readonly number[]): Spread {
	const sorted = [...values].sort((first, second) => first - second);
	const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
	return { count: sorted.length, p50: at(0.5), p95: at(0.95) };
}
