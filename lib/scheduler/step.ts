import type { Cause, SerializedError, Timer } from '../core';
import type { RetryPolicy } from '../resilience';
import type { StepRecord, StepStatus, Suspension } from '../run';
import type { GraphStep } from './definition';
import type { Dependency } from './dependency';

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
	/** Completion order of `from` that an earlier execution of `to` has used up. */
	used = 0;
	/** Whether the dependency was already run again for this execution of `to`. */
	renewed = false;
	group: Group | undefined;
	timer: Timer | undefined;
	/** The next dependency on the same step. A list costs less than an array that grows. */
	nextOut: Edge | undefined;

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
	/** How often it had to make room. */
	preemptions?: number;
	/** Withdraws a wait for the pool or the journal. */
	withdraw?: () => void;
}

const NO_EDGES: readonly Edge[] = [];
const NO_GROUPS: Group[] = [];

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
	/** Completed in another run, from which this one was restored. */
	foreign = false;
	/** Whether it stands in the line of ready steps, perhaps by mistake by now. */
	lined = false;
	/** Whether dependents want it to run again at an interval. */
	periodic = false;
	/** Waits in the flow until nobody else may name it any more. */
	parked = false;
	/** Closed gates. */
	missing = 0;
	/** Closed gates that no completion alone will open. */
	blockedGates = 0;
	/** Closed gates of type `timeout`. */
	patientGates = 0;
	incoming: readonly Edge[] = NO_EDGES;
	/** First and last dependency of others on this step. */
	firstOut: Edge | undefined;
	lastOut: Edge | undefined;
	groups: Group[] = NO_GROUPS;
	/** Whether results it depends on may expire before it starts. */
	temporal = false;
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

	constructor(
		readonly id: string,
		/** Place in the order of definition. */
		readonly index: number,
		readonly definition: GraphStep,
		readonly onDemand: boolean,
	) {
		this.path = id;
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

/**
 * Connects a new step of a run with the steps it depends on.
 *
 * @param sourceOf - the step that a dependency is on, by its position among the dependencies
 */
export function connect(
	to: Step,
	dependencies: readonly Dependency[],
	sourceOf: (position: number) => Step,
): void {
	if (dependencies.length === 0) return;
	to.incoming = dependencies.map((dependency, position) =>
		addEdge(sourceOf(position), to, dependency),
	);
}

/** The dependencies of others on this step, in the order in which they were added. */
export function outgoingOf(step: Step): Edge[] {
	const edges: Edge[] = [];
	for (let edge = step.firstOut; edge !== undefined; edge = edge.nextOut) edges.push(edge);
	return edges;
}

function addEdge(from: Step, to: Step, config: Dependency): Edge {
	const edge = new Edge(from, to, config);
	if (from.lastOut === undefined) from.firstOut = edge;
	else from.lastOut.nextOut = edge;
	from.lastOut = edge;
	const { type, lifecycle, group = '' } = config;
	if (lifecycle === 'temporary' || lifecycle === 'periodic') to.temporal = true;
	if (lifecycle === 'periodic') from.periodic = true;
	if (type === 'and' || type === 'or' || type === 'xor') join(edge, type, group);
	return edge;
}

function join(edge: Edge, type: Group['type'], name: string): void {
	const { to } = edge;
	let group = to.groups.find((other) => other.type === type && other.name === name);
	if (group === undefined) {
		group = new Group(to, type, name);
		if (to.groups === NO_GROUPS) to.groups = [group];
		else to.groups.push(group);
	}
	group.members.push(edge);
	edge.group = group;
}
