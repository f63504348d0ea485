import type { Cause, SerializedError, Timer } from '../core';
import { CancellationScope, EventStream, hashOf, silentLogger } from '../core';
import {
	isStepEnded,
	type EndStatus,
	type RunStatus,
	type StepStatus,
	type Suspension,
} from '../run';
import type { Allocation, PoolLimit } from '../resources';
import type { ConditionView } from './dependency';
import type { CheckedGraph } from './graph';
import type { GraphRunOptions } from './options';
import { followBudget } from './budgetEvents';
import { ProgressTracker } from './progress';
import { ReadyLine } from './readyLine';
import { ReadyQueue } from './readyQueue';
import type { Edge, Step } from './step';
import type { OpenRequest } from './stepExtras';
import { StepTable } from './stepTable';
import { assertMove } from './transitions';

/** A completed execution that can be undone. */
export interface Undoable {
	step: Step;
	path: string;
	input: unknown;
	output: unknown;
	order: number;
	/** When it ran, in milliseconds since the epoch; unknown when another process recorded it. */
	startedAt?: number;
	endedAt?: number;
	status: 'pending' | 'running' | 'done' | 'failed';
}

const REUSED = { reused: true } as const;

/** What the status of a step counts for. */
const BUSY: Readonly<Record<StepStatus, number>> = {
	pending: 0,
	blocked: 0,
	ready: 1,
	queued: 1,
	running: 1,
	backing_off: 1,
	waiting: 0,
	completed: 0,
	failed: 0,
	skipped: 0,
	cancelled: 0,
	timed_out: 0,
};

/** A step in one of these has waited since it got there; from ready to queued it is one wait. */
const WAITS: ReadonlySet<StepStatus> = new Set<StepStatus>([
	'ready',
	'blocked',
	'queued',
	'backing_off',
]);

const EVENT: Readonly<Record<StepStatus, string>> = {
	pending: 'step.pending',
	blocked: 'step.blocked',
	ready: 'step.ready',
	queued: 'step.queued',
	running: 'step.started',
	backing_off: 'step.retry',
	waiting: 'step.waiting',
	completed: 'step.completed',
	failed: 'step.failed',
	skipped: 'step.skipped',
	cancelled: 'step.cancelled',
	timed_out: 'step.timed_out',
};

/**
 * What is known of a run under way, shared by the parts of the scheduler. The parts change it and
 * then call {@link wake}; the run loop does the rest.
 */
export class RunCore {
	status: RunStatus = 'pending';
	readonly runId: string;
	readonly name: string;
	/** Whose turn it is when the run waits for the pool. */
	readonly fairnessKey: string;
	readonly steps: StepTable;
	readonly list: readonly Step[];
	/** Steps that may start as soon as there is a place. */
	readonly ready = new ReadyLine(() => this.options.runtime.monotonic());
	/** Steps with a place in the pool that still lack one in the run. */
	readonly admitted = new ReadyQueue<{ step: Step; allocation: Allocation }>();
	/** Keeps the pool from granting what the run has no place for. */
	readonly places: PoolLimit;
	/** Whether the pool was told that there is no place, and has to hear of the next one. */
	turnedAway = false;
	/** Ended steps whose dependents have not been told. */
	ended: Step[] = [];
	/** Steps behind a condition that may become true. */
	readonly conditionals = new Set<Step>();
	/** Dependencies whose time was up while the journal was asked. */
	readonly overdue = new Set<Edge>();
	/** Named steps that wait for all who may still name them. */
	readonly parked = new Set<Step>();
	/** Everything a person or signal can answer. */
	readonly requests = new Map<string, { step: Step; name: string; request: OpenRequest }>();
	/** Answers that were accepted. */
	readonly answers = new Map<string, unknown>();
	/** Why questions without an answer are not asked any more, by the id of the request. */
	readonly closed = new Map<string, 'expired' | 'withdrawn'>();
	readonly undoables: Undoable[] = [];
	readonly zombies = new Set<string>();
	/** Attempts that are over, with bodies that still have a place. */
	readonly lingering = new Set<{ allocation: Allocation | undefined }>();
	readonly timers = new Set<Timer>();
	readonly events: EventStream;
	/** From then on, what happens to the budget is no event of the run any more. */
	readonly stopBudgetEvents: () => void;
	readonly progress: ProgressTracker;
	readonly scope: CancellationScope;
	/** Cancelled when somebody does not want even what is begun to be undone. */
	readonly undoScope = new CancellationScope();
	readonly maxConcurrent: number;
	readonly inputHash: string;
	/** What conditions and inputs may look at. */
	readonly view: ConditionView;
	/** Steps that are ready, queued, running or backing off. */
	busy = 0;
	/** Steps that wait for somebody. */
	suspended = 0;
	/** Steps that take part and have not ended. */
	open = 0;
	/** Steps whose status is running. */
	running = 0;
	/** The ended step whose dependents are just being told. */
	telling: Step | undefined;
	/** Places taken, also by bodies that outlive their step. */
	slots = 0;
	/** Questions to the journal without an answer yet. */
	lookups = 0;
	/** Waits for something that is not asked in this run, so far. */
	waitsElsewhere = 0;
	/** Attempts whose start is being recorded. */
	starting = 0;
	/** Completions so far. */
	order = 0;
	attempts = 0;
	retries = 0;
	/** Whether the steps have been put in place; before, there is nothing to stop. */
	begun = false;
	/** Nothing new starts: pausing or paused. */
	held = false;
	/** Nothing new starts any more, and why. */
	stopping: Cause | undefined;
	/** All steps have ended; what is left is to undo and to clean up, which nothing stops. */
	ending = false;
	/** What the run ends as when it is stopped. */
	stopAs: 'cancelled' | 'timed_out' | 'failed' = 'cancelled';
	/**
	 * Whether an earlier process may have recorded results. If so, a run that is stopped still takes
	 * them in, so that all that was done can be undone.
	 */
	hasPast = false;
	/** The failure of the run itself, not of a step. */
	fatal: SerializedError | undefined;
	/** Milliseconds since the epoch. */
	lastActivityAt: number;
	createdAt: number;
	startedAt = 0;
	endedAt = 0;
	/** Finds an answer that an earlier process was given; set by who takes answers. */
	askedAgain!: (step: Step, suspension: Suspension) => void;
	/** Makes the run loop look around; set by it. */
	wake!: () => void;

	constructor(
		graph: CheckedGraph,
		readonly options: GraphRunOptions,
		firstSeq: number,
	) {
		this.name = graph.name;
		this.steps = new StepTable(graph.places);
		this.list = this.steps.list;
		const { runtime, logger = silentLogger, input } = options;
		this.runId = options.runId ?? runtime.newId();
		this.fairnessKey = options.fairnessKey ?? this.runId;
		this.createdAt = runtime.now();
		this.lastActivityAt = this.createdAt;
		this.maxConcurrent = options.maxConcurrent ?? Infinity;
		this.inputHash =
			options.journal === undefined || input === undefined ? '' : hashOf(options.input);
		this.events = new EventStream(this.runId, runtime, logger, firstSeq);
		for (const sink of options.sinks ?? []) this.events.subscribe(sink);
		this.stopBudgetEvents = followBudget(this.events, options.budget);
		this.places = { key: this.runId, hasRoom: () => this.hasRoom() };
		this.progress = new ProgressTracker(options.weights);
		this.scope = new CancellationScope(options.scope);
		this.view = {
			input,
			status: (id) => this.steps.get(id)?.status,
			output: (id) => this.steps.get(id)?.output,
		};
	}

	now(): number {
		return this.options.runtime.now();
	}

	/** Whether a step may start now, as far as the run as a whole is concerned. */
	get mayStart(): boolean {
		return (
			this.slots < this.maxConcurrent &&
			!this.held &&
			this.stopping === undefined &&
			this.lookups === 0
		);
	}

	/** Whether a place in the pool would be used at once. */
	private hasRoom(): boolean {
		const room = this.mayStart && this.slots + this.admitted.size < this.maxConcurrent;
		this.turnedAway ||= !room;
		return room;
	}

	/** Tells the pool that there is a place for what it kept waiting. */
	askPoolAgain(): void {
		if (!this.turnedAway || !this.mayStart) return;
		this.turnedAway = false;
		this.options.pool!.reopen(this.places);
	}

	/** A timer that dies with the run. */
	setTimer(ms: number, callback: () => void): Timer {
		const timer: Timer = this.options.runtime.setTimer(ms, () => {
			this.timers.delete(timer);
			callback();
		});
		this.timers.add(timer);
		return timer;
	}

	clearTimer(timer: Timer | undefined): void {
		if (timer === undefined) return;
		this.timers.delete(timer);
		timer.cancel();
	}

	cause(kind: Cause['kind'], message: string, byStepId?: string): Cause {
		const at = this.now();
		return byStepId === undefined ? { kind, message, at } : { kind, byStepId, message, at };
	}

	/**
	 * @param at - when, if that is known already
	 * @throws {EngineError} `ILLEGAL_TRANSITION`
	 */
	move(step: Step, to: StepStatus, data?: Readonly<Record<string, unknown>>, at?: number): void {
		const from = step.status;
		assertMove(step.path, from, to);
		step.status = to;
		if (WAITS.has(to) && !(to === 'queued' && from === 'ready')) {
			step.since = at ??= this.now();
		}
		this.busy += BUSY[to] - BUSY[from];
		if (to === 'running') this.running++;
		else if (from === 'running') this.running--;
		if (to === 'waiting') this.suspended++;
		else if (from === 'waiting') this.suspended--;
		const attempt = step.attempt === 0 ? undefined : step.attempt;
		this.events.emit(EVENT[to], step.path, attempt, data, at);
	}

	/** Ends this execution of a step. Its dependents hear of it from the run loop. */
	end(step: Step, status: EndStatus, data?: Readonly<Record<string, unknown>>): void {
		step.endedAt = this.now();
		this.move(step, status, data, step.endedAt);
		this.lastActivityAt = step.endedAt;
		step.current = undefined;
		this.open--;
		this.forgetWaits(step);
		this.progress.end(step, step.reused);
		this.ended.push(step);
	}

	/** Ends this execution with the output, order and successors that the step already has. */
	complete(step: Step): void {
		const undo = step.definition.compensate === undefined ? undefined : undoable(step);
		if (undo !== undefined) this.undoables.push(undo);
		this.end(step, 'completed', step.reused ? REUSED : undefined);
		if (undo !== undefined) undo.endedAt = step.endedAt;
	}

	skip(step: Step, cause: Cause): void {
		step.cause = cause;
		this.end(step, 'skipped', { cause });
	}

	/** Whether a step waits for its gates. */
	isGated(step: Step): boolean {
		return step.armed && (step.status === 'pending' || step.status === 'blocked');
	}

	/** Whether a step's execution is under way or to come. */
	isOpen(step: Step): boolean {
		return step.armed && !isStepEnded(step.status);
	}

	/** Puts a ready or queued step in line. */
	enqueue(step: Step): void {
		if (step.lined) return;
		step.lined = true;
		this.ready.push(step);
	}

	/** Nobody needs its timer, its place in a queue or the answers to its questions any more. */
	forgetWaits(step: Step): void {
		const { rare } = step;
		if (rare === undefined) return;
		this.clearTimer(rare.timer);
		rare.timer = undefined;
		const { withdraw, closeRequests } = rare;
		rare.withdraw = undefined;
		withdraw?.();
		closeRequests?.();
	}
}

export function undoable(step: Step): Undoable {
	const { path, input, output, order, reused, startedAt } = step;
	const times = reused ? {} : { startedAt };
	return { step, path, input, output, order, ...times, status: 'pending' };
}
