import type { Cause, SerializedError, Timer } from '../core';
import type { StepStatus } from '../run';
import type { GraphStep } from './definition';
import type { Dependency } from './dependency';
import type { StepExtras } from './stepExtras';
import type { StepPlan } from './stepPlan';

/**
 * A condition between a step and its start. Closed at first; the step is ready when all are open.
 * An {@link Edge} is a gate of its own unless it belongs to a {@link Group}.
 */
export interface Gate {
	readonly to: Step;
	open: boolean;
	/** Closed, and no completion alone will open it: a false condition, an expired result. */
	blocked: boolean;
}

/** One dependency between two steps of a run. */
export class Edge implements Gate {
	open = false;
	blocked = false;
	/** Whether the wait for the dependency was given up. */
	timedOut = false;
	/** When the wait for it is given up, in milliseconds since the epoch; while it lasts. */
	giveUpAt: number | undefined;
	/** Completion order of `from` that an earlier execution of `to` has used up. */
	used = 0;
	/** Whether the dependency was already run again for this execution of `to`. */
	renewed = false;
	group: Group | undefined;
	timer: Timer | undefined;

	constructor(
		readonly from: Step,
		readonly to: Step,
		readonly config: Dependency,
	) {}
}

/** `and`, `or` and `xor` dependencies that are judged together. */
export class Group implements Gate {
	open = false;
	blocked = false;
	readonly members: Edge[] = [];

	constructor(
		readonly to: Step,
		readonly type: 'and' | 'or' | 'xor',
		readonly name: string,
	) {}
}

/** The gates of one step. */
export class Wiring {
	/** In the order of the dependencies. */
	readonly incoming: Edge[] = [];
	readonly groups: Group[] = [];
	/** Closed gates that no completion alone will open. */
	blocked = 0;
	/** Closed gates of type `timeout`. */
	patient = 0;
}

/** One step of a run, in its current execution. */
export class Step {
	status: StepStatus = 'pending';
	/** Which execution: 1, 2, … */
	iteration = 1;
	/** Since when it has waited as it does, in milliseconds since the epoch. */
	since = 0;
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
