import type { Cause, SerializedError, Timer } from '../core';
import type { RetryPolicy } from '../resilience';
import type { StepRecord, StepStatus, Suspension } from '../run';
import type { GraphStep } from './definition';
import type { Edge, Wiring } from './edge';
import type { StepPlan } from './stepPlan';

/** Somebody is asked something, and the body waits for the answer. */
export interface OpenRequest {
	suspension: Suspension;
	/** An answer that is being recorded. */
	answer?: { value: unknown };
	/** Undefined after a restart, until the body asks again. */
	waiters?: Array<{ resolve: (value: unknown) => void; reject: (error: Error) => void }>;
	timer?: Timer;
}

/** What few steps need, so that the others do not carry it. */
export interface StepExtras {
	answers?: Map<string, unknown>;
	/** Waits whose time ran out while no body was there to hear of it. */
	unanswered?: Map<string, Error>;
	requests?: Map<string, OpenRequest>;
	heartbeat?: unknown;
	nextAttemptAt?: number;
	/** Restored while backing off: does not start before, in milliseconds since the epoch. */
	resumeAt?: number;
	/** The pause before the attempt under way, in milliseconds. */
	delayMs?: number;
	/** The back-off or schedule-to-start timer. */
	timer?: Timer;
	policy?: RetryPolicy;
	/** Attempts spent before a person allowed more. */
	attemptBase?: number;
	/** When it became ready, by the monotonic clock. */
	scheduledAt?: number;
	/** When its first attempt began, by the monotonic clock. */
	firstStartAt?: number;
	/** Paths of executions that named this one. */
	namedBy?: string[];
	/** While parked: where in the list of steps the last one was found that may name it. */
	watched?: number;
	/** Named again while it was busy: who will have named the next execution. */
	againBy?: string[];
	/** Earlier executions. */
	history?: StepRecord[];
	/** How far the attempt says it is, 0 to 1. */
	fraction?: number;
	/** The journal is being asked about it. */
	lookup?: boolean;
	/** Cancelled before the journal was asked: unless it knows a result. */
	cancelLater?: Cause;
	/** Completed in another run, from which this one was restored. */
	foreign?: boolean;
	/** How often it had to make room. */
	preemptions?: number;
	/** Withdraws a wait for the pool or the journal. */
	withdraw?: () => void;
}

/** One step of a run, in its current execution. */
export class Step {
	status: StepStatus = 'pending';
	/** Which execution: 1, 2, … */
	iteration = 1;
	attempt = 0;
	path: string;
	/** Whether it takes part: a step on demand does from when it is named. */
	armed = false;
	/** Whether its dependents and successors have heard of its end. */
	told = false;
	/** Whether it stands in the line of ready steps, perhaps by mistake by now. */
	lined = false;
	/** Waits in the flow until nobody else may name it any more. */
	parked = false;
	/** Closed gates, or dependencies still to be counted. */
	missing = 0;
	/** Its gates; `undefined` as long as counting does, see {@link StepPlan.counts}. */
	wiring: Wiring | undefined;
	/** The gates of others that depend on it. */
	outgoing: Edge[] | undefined;
	/** Identifies the attempt under way: what an older one still says is late. */
	current: object | undefined;
	input: unknown;
	inputHash = '';
	output: unknown;
	error: SerializedError | undefined;
	cause: Cause | undefined;
	next: readonly string[] | undefined;
	/** Place of the last completion in the run's completion order; 0 before the first. */
	order = 0;
	reused = false;
	startedAt = 0;
	endedAt = 0;
	rare: StepExtras | undefined;

	constructor(readonly plan: StepPlan) {
		this.path = plan.id;
	}

	get id(): string {
		return this.plan.id;
	}

	get definition(): GraphStep {
		return this.plan.definition;
	}

	/** Takes part only when it is named. */
	get onDemand(): boolean {
		return this.plan.onDemand;
	}

	/** The record of rarely needed facts, made on first use. */
	get extras(): StepExtras {
		return (this.rare ??= {});
	}

	/** Begins a new execution; everything of the last one but its output is forgotten. */
	renew(): void {
		this.iteration++;
		this.path = `${this.id}#${this.iteration}`;
		this.status = 'pending';
		this.attempt = 0;
		this.current = undefined;
		this.error = undefined;
		this.cause = undefined;
		this.next = undefined;
		this.reused = false;
		this.told = false;
		this.startedAt = 0;
		this.endedAt = 0;
		const { history, policy, cancelLater } = this.extras;
		this.rare = { history, policy, cancelLater };
	}
}
