import {
	defineGraph,
	ResourcePool,
	restoreGraph,
	startGraph,
	VirtualRuntime,
	type CheckedGraph,
	type GraphRun,
	type GraphRunOptions,
	type Journal,
	type RunCheckpoint,
} from '../../lib';
import { Bodies } from './bodies';
import { Checker } from './checker';
import { SimulatedDisk } from './disk';
import type { Fault, Plan, PlanStep } from './plan';
import { writesOf } from './state';

/** What a simulated run came to. */
export interface Outcome {
	violations: string[];
	seen: ReadonlySet<string>;
	trace: number;
	events: number;
	crashes: number;
	/** Virtual milliseconds that passed. */
	elapsedMs: number;
}

export interface SimulateOptions {
	/** Changes the journal the engine gets, to plant a bug. */
	plant?: (journal: Journal) => Journal;
	/** Whether the keys of effects are computed and compared, which costs time. */
	hashKeys?: boolean;
}

/**
 * Lets everything happen that needs no time: between two timers, and before a process dies. Only a
 * turn of the event loop waits for all of it; a number of microtasks would leave the longest chains
 * behind, and a dead process would go on in them.
 */
const settle = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

/** So many timers fire at most; more is a livelock. */
const MAX_TIMERS = 5000;

/** Runs one plan under one schedule. The same plan and seed always give the same outcome. */
export async function simulate(
	plan: Plan,
	seed: number,
	options: SimulateOptions = {},
): Promise<Outcome> {
	return await new World(plan, seed, options).play();
}

class World {
	private readonly runtime: VirtualRuntime;
	private readonly disk: SimulatedDisk;
	private readonly checker: Checker;
	private readonly graph: CheckedGraph;
	private readonly bodies: Bodies;
	private readonly answered = new Set<string>();
	private run!: GraphRun;
	private pool!: ResourcePool;
	/** Which process it is: 1, 2, … What an earlier one still does has no effect. */
	private process = 0;
	private crashes = 0;
	private fired = 0;
	private crashPlan: Array<Extract<Fault, { kind: 'crash' }>>;
	private cancelAt: number | undefined;
	private startedAt: number;

	constructor(
		private readonly plan: Plan,
		seed: number,
		private readonly options: SimulateOptions,
	) {
		this.runtime = new VirtualRuntime({ seed, shuffle: true });
		this.startedAt = this.runtime.now();
		this.disk = new SimulatedDisk(plan.journal === 'slow');
		this.checker = new Checker(plan, this.disk, options.hashKeys === true);
		this.bodies = new Bodies(this.runtime, this.checker);
		this.graph = defineGraph({
			name: 'simulated',
			steps: Object.fromEntries(plan.steps.map((step) => [step.id, this.bodies.step(step)])),
		});
		this.crashPlan = plan.faults.filter((fault) => fault.kind === 'crash');
	}

	async play(): Promise<Outcome> {
		const { checker, runtime } = this;
		this.boot();
		this.scheduleFaults();
		await settle();
		while (!this.isOver() && runtime.pendingTimers > 0 && this.fired < MAX_TIMERS) {
			this.fired++;
			this.fireNext();
			await settle();
			await this.crashIfPlanned();
		}
		if (!this.isOver())
			checker.violate(`I9 nothing is left to do, and the run is ${this.run.status}`);
		// Bodies that outlive the run settle, too.
		while (runtime.fireNext()) await settle();
		if (this.isOver()) {
			checker.onEnd(this.run, runtime.pendingTimers);
			this.checkPool();
			checker.checkState(this.run, this.bodies.finalState());
			this.noteOutcome(await this.run.result);
		}
		const { violations, seen, trace, events } = checker;
		const elapsedMs = runtime.monotonic();
		return { violations, seen, trace, events, crashes: this.crashes, elapsedMs };
	}

	/** An error that escapes from the engine is a violation of its own. */
	private fireNext(): void {
		try {
			this.runtime.fireNext();
		} catch (error) {
			this.checker.violate(`I0 ${String(error)}`);
		}
	}

	private boot(checkpoint?: RunCheckpoint): void {
		const { plan, runtime, checker } = this;
		const process = ++this.process;
		const { preemption } = plan;
		this.pool = new ResourcePool({ totals: { cpu: plan.poolCpu }, preemption }, runtime);
		const state = this.bodies.boot(process, this.pool, checkpoint?.snapshot);
		const journal = plan.journal === 'none' ? undefined : this.disk.journal(runtime);
		const options: GraphRunOptions = {
			runtime,
			runId: 'run',
			pool: this.pool,
			journal: journal && (this.options.plant?.(journal) ?? journal),
			maxConcurrent: plan.maxConcurrent,
			failureMode: plan.failureMode,
			compensateOn: plan.compensateOn,
			timeoutMs: plan.timeoutMs,
			abandonMs: 25,
			cleanupTimeoutMs: 40,
			snapshot: () => state.save(),
			onCompleted: ({ stepId, path, parents, output, quiet }) => {
				if (process !== this.process) return;
				state.commit(path, parents, writesOf(output), quiet);
				if (this.planOf(stepId).compensate === undefined) return;
				const record = this.run.step(stepId);
				if (record.status === 'completed') checker.onUndoable(path, record.order);
			},
		};
		this.run =
			checkpoint === undefined
				? startGraph(this.graph, options)
				: restoreGraph(this.graph, checkpoint, options);
		checker.attach(this.run, checkpoint?.seq);
		const { run } = this;
		run.subscribe((event) => {
			if (process !== this.process) return;
			checker.onEvent(event);
			if (event.type === 'human.asked') this.planAnswer(run, event.data!.requestId as string);
		});
	}

	private isOver(): boolean {
		return ENDED.has(this.run.status);
	}

	private planOf(stepId: string): PlanStep {
		return this.plan.steps.find(({ id }) => id === stepId)!;
	}

	/** Somebody answers after a while, and out of impatience once more. */
	private planAnswer(run: GraphRun, requestId: string): void {
		const { runtime, checker } = this;
		const process = this.process;
		for (const delayMs of [runtime.random() * 100, runtime.random() * 200]) {
			runtime.setTimer(delayMs, () => {
				void run.answer(requestId, 'yes').then(
					({ accepted }) => {
						if (process !== this.process) return;
						checker.onReceipt(accepted, requestId, this.answered);
						if (accepted) this.answered.add(requestId);
						checker.sometimes(accepted ? 'answered' : 'answered in vain');
					},
					(error: unknown) => checker.violate(`I0 ${String(error)}`),
				);
			});
		}
	}

	private scheduleFaults(): void {
		for (const fault of this.plan.faults) {
			if (fault.kind === 'crash') continue;
			this.runtime.setTimer(fault.atMs, () => this.strike(fault));
		}
	}

	private strike(fault: Exclude<Fault, { kind: 'crash' }>): void {
		const { run, checker } = this;
		if (this.isOver()) return;
		if (fault.kind === 'cancelStep') {
			const { status } = run.step(fault.stepId);
			if (run.cancelStep(fault.stepId, { mode: fault.mode })) {
				checker.sometimes(`step cancelled while ${status}`);
			}
		} else if (fault.kind === 'cancel') {
			checker.sometimes(`run cancelled while ${run.status}`);
			this.cancelAt = this.runtime.monotonic();
			void run.cancel('The world says stop.', { mode: fault.mode });
			checker.cancelled = true;
		} else {
			this.pause(fault);
		}
	}

	private pause(fault: Extract<Fault, { kind: 'pause' }>): void {
		const { run, checker, runtime } = this;
		const process = this.process;
		if (run.status === 'cancelling') return;
		const { immediate = false, drain = false } = fault;
		(drain ? run.drain() : run.pause(immediate ? 'immediate' : 'finish')).then(
			(checkpoint) => {
				if (process !== this.process || this.isOver()) return;
				checker.sometimes(drain ? 'drained' : 'paused');
				checker.paused = true;
				runtime.setTimer(fault.forMs, () => {
					if (run.status !== 'paused') return;
					checker.paused = false;
					if (fault.restore || drain)
						this.restart(JSON.parse(JSON.stringify(checkpoint)) as RunCheckpoint);
					else run.resume();
				});
			},
			() => undefined,
		);
	}

	/** The process ends in good order, and another one goes on from the checkpoint. */
	private restart(checkpoint: RunCheckpoint): void {
		this.checker.sometimes('restored from a checkpoint');
		// What was answered since the checkpoint is known to the journal alone.
		if (this.plan.journal === 'none') this.answered.clear();
		const faults = this.laterFaults();
		this.runtime.crash();
		this.disk.crash(false, this.runtime.random);
		this.boot(checkpoint);
		this.reschedule(faults);
	}

	private async crashIfPlanned(): Promise<void> {
		const crash = this.crashPlan[0];
		if (crash === undefined || this.checker.events < crash.atEvent || this.isOver()) return;
		this.crashPlan = this.crashPlan.slice(1);
		this.crashes++;
		this.checker.sometimes(`crash while ${this.run.status}`);
		const faults = this.laterFaults();
		this.runtime.crash();
		this.disk.crash(crash.torn, this.runtime.random);
		// A run whose end is recorded has its full time again when somebody begins it once more.
		if (this.disk.entry('$run') !== undefined) this.startedAt = this.runtime.now();
		// A cancel that had not reached the disk is forgotten with the process.
		this.checker.cancelled = this.disk.entry('$cancel')?.status === 'completed';
		if (this.disk.entry('$undo') !== undefined) this.checker.sometimes('crash while undoing');
		this.boot();
		this.reschedule(faults);
		await settle();
	}

	private laterFaults(): Array<Exclude<Fault, { kind: 'crash' }>> {
		const now = this.runtime.monotonic();
		return this.plan.faults.filter(
			(fault): fault is Exclude<Fault, { kind: 'crash' }> =>
				fault.kind !== 'crash' && fault.atMs > now,
		);
	}

	private reschedule(faults: ReadonlyArray<Exclude<Fault, { kind: 'crash' }>>): void {
		const now = this.runtime.monotonic();
		for (const fault of faults) this.runtime.setTimer(fault.atMs - now, () => this.strike(fault));
	}

	private checkPool(): void {
		const { running, waiting } = this.pool;
		if (running > 0) this.checker.violate(`I6 ${running} places of the pool are still taken`);
		if (waiting > 0) this.checker.violate(`I6 ${waiting} still wait for the pool`);
	}

	private noteOutcome(result: Awaited<GraphRun['result']>): void {
		const { checker, plan, runtime } = this;
		checker.note(`${result.status} ${result.outcome} ${runtime.monotonic()}`);
		checker.sometimes(`run ${result.status}`);
		if (result.outcome === 'partial') checker.sometimes('partial');
		if (result.compensationErrors.length > 0) checker.sometimes('compensation failed');
		if (result.cause?.kind === 'sibling') checker.sometimes('fail fast');
		const limit = plan.timeoutMs;
		if (limit !== undefined && this.cancelAt === undefined) this.checkDeadline(result, limit);
	}

	/** The run stops at its deadline; after it there is only undoing, which is bounded. */
	private checkDeadline(result: Awaited<GraphRun['result']>, limitMs: number): void {
		const undoable = new Set(
			this.plan.steps.filter(({ compensate }) => compensate !== undefined).map(({ id }) => id),
		);
		const { steps, history } = this.run.checkpoint();
		const executions = [...steps, ...history].filter(({ stepId }) => undoable.has(stepId)).length;
		const records = this.plan.journal === 'slow' ? 4 * (2 + executions) : 0;
		// What another process finds, undoes again, or had not recorded of the time yet.
		const again = this.process * (records + 10 + executions * (2 * 40 + 3));
		const bound = limitMs + again;
		const took = result.endedAt - this.startedAt;
		const waited = this.plan.steps.some(({ asks }) => asks !== undefined) || this.hasPause();
		if (this.process > 1 && result.status === 'timed_out') {
			this.checker.sometimes('timed out after a crash');
		}
		if (!waited && took > bound) {
			this.checker.violate(`I12 the run took ${took} ms, its limit is ${limitMs} ms`);
		}
	}

	private hasPause(): boolean {
		return this.plan.faults.some(({ kind }) => kind === 'pause');
	}
}

const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled', 'timed_out']);
