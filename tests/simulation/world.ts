import {
	defineGraph,
	EngineError,
	goTo,
	ResourcePool,
	restoreGraph,
	startGraph,
	VirtualRuntime,
	type BodyContext,
	type CheckedGraph,
	type GraphRun,
	type GraphRunOptions,
	type GraphStep,
	type Journal,
	type RunCheckpoint,
} from '../../lib';
import { Checker } from './checker';
import { SimulatedDisk } from './disk';
import type { Fault, Plan, PlanStep } from './plan';

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
	private readonly starts = new Map<string, number>();
	private readonly answered = new Set<string>();
	private run!: GraphRun;
	private pool!: ResourcePool;
	/** Which process it is: 1, 2, … What an earlier one still does has no effect. */
	private process = 0;
	private crashes = 0;
	private fired = 0;
	private crashPlan: Array<Extract<Fault, { kind: 'crash' }>>;
	private cancelAt: number | undefined;

	constructor(
		private readonly plan: Plan,
		seed: number,
		private readonly options: SimulateOptions,
	) {
		this.runtime = new VirtualRuntime({ seed, shuffle: true });
		this.disk = new SimulatedDisk(plan.journal === 'slow');
		this.checker = new Checker(plan, this.disk, options.hashKeys === true);
		this.graph = defineGraph({
			name: 'simulated',
			steps: Object.fromEntries(plan.steps.map((step) => [step.id, this.step(step)])),
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
		this.pool = new ResourcePool({ totals: { cpu: plan.poolCpu } }, runtime);
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
			onCompleted: ({ stepId, path }) => {
				if (process !== this.process) return;
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
			if (event.type === 'step.asks') this.planAnswer(run, event.data!.requestId as string);
		});
	}

	private isOver(): boolean {
		return ENDED.has(this.run.status);
	}

	private planOf(stepId: string): PlanStep {
		return this.plan.steps.find(({ id }) => id === stepId)!;
	}

	private step(plan: PlanStep): GraphStep {
		const { dependsOn, onDemand, maxAttempts, startToCloseMs, cpu, compensate, optional } = plan;
		return {
			run: (context) => this.body(plan, context),
			dependsOn: dependsOn.map(({ on, type, group, timeoutMs }) => ({
				on,
				type,
				group,
				timeoutMs,
			})),
			onDemand,
			optional,
			next: plan.names,
			maxIterations: 4,
			...(maxAttempts > 1
				? { retry: { maxAttempts, initialDelayMs: 5, maxDelayMs: 40, jitter: 'full' } }
				: {}),
			...(startToCloseMs === undefined ? {} : { timeouts: { startToCloseMs } }),
			...(cpu === 0 ? {} : { resources: { cpu, resourceTypes: ['cpu'] } }),
			...(compensate === undefined
				? {}
				: {
						compensate: async (context) => {
							this.checker.onCompensate(context);
							await this.wait(10);
							if (compensate === 'fails') throw new Error('cannot be undone');
						},
						compensateRetry: { maxAttempts: 2, initialDelayMs: 3, jitter: 'none' },
					}),
		};
	}

	private body(plan: PlanStep, context: BodyContext): unknown {
		const { checker } = this;
		const starts = (this.starts.get(context.path) ?? 0) + 1;
		checker.onStart(context, this.process, starts === 1);
		this.starts.set(context.path, starts);
		const fails = starts <= plan.failures;
		if (plan.sync) {
			if (fails) throw this.failure(plan);
			return this.finish(plan, context);
		}
		return this.work(plan, context, fails);
	}

	private async work(plan: PlanStep, context: BodyContext, fails: boolean): Promise<unknown> {
		const aborted = plan.stubborn ? undefined : context.signal;
		if (plan.maxDelayMs > 0) await this.wait(plan.maxDelayMs, aborted);
		context.progress(0.5);
		if (plan.asks !== undefined) await context.waitFor('question', plan.asks);
		if (fails) throw this.failure(plan);
		return this.finish(plan, context);
	}

	private finish(plan: PlanStep, { iteration, path }: BodyContext): unknown {
		const names = iteration <= plan.rounds ? plan.names : [];
		return goTo(names, `output of ${path}`);
	}

	private failure(plan: PlanStep): EngineError {
		return new EngineError('PLANNED', `${plan.id} was to fail.`, {
			errorClass: plan.fatal ? 'validation' : 'server',
		});
	}

	/** Takes a random time. A crash means that it never ends. */
	private async wait(maxMs: number, signal?: AbortSignal): Promise<void> {
		const { runtime } = this;
		await new Promise<void>((resolve, reject) => {
			if (signal?.aborted === true) return reject(signal.reason as Error);
			const onAbort = (): void => {
				timer.cancel();
				reject(signal!.reason as Error);
			};
			const timer = runtime.setTimer(Math.floor(runtime.random() * maxMs), () => {
				signal?.removeEventListener('abort', onAbort);
				resolve();
			});
			signal?.addEventListener('abort', onAbort);
		});
	}

	/** Somebody answers after a while, and out of impatience once more. */
	private planAnswer(run: GraphRun, requestId: string): void {
		const { runtime, checker } = this;
		const process = this.process;
		for (const delayMs of [runtime.random() * 100, runtime.random() * 200]) {
			runtime.setTimer(delayMs, () => {
				void run.answer(requestId, 'yes').then(({ accepted }) => {
					if (process !== this.process) return;
					checker.onReceipt(accepted, requestId, this.answered);
					if (accepted) this.answered.add(requestId);
					checker.sometimes(accepted ? 'answered' : 'answered in vain');
				});
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
		run.pause().then(
			(checkpoint) => {
				if (process !== this.process || this.isOver()) return;
				checker.sometimes('paused');
				checker.paused = true;
				runtime.setTimer(fault.forMs, () => {
					if (run.status !== 'paused') return;
					checker.paused = false;
					if (fault.restore) this.restart(JSON.parse(JSON.stringify(checkpoint)) as RunCheckpoint);
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
		if (limit !== undefined && this.process === 1 && this.cancelAt === undefined) {
			this.checkDeadline(result, limit);
		}
	}

	/** The run stops at its deadline; after it there is only undoing, which is bounded. */
	private checkDeadline(result: Awaited<GraphRun['result']>, limitMs: number): void {
		const undoable = this.plan.steps.filter(({ compensate }) => compensate !== undefined).length;
		const executions = undoable * 4;
		const records = this.plan.journal === 'slow' ? 4 * (2 + executions) : 0;
		const bound = limitMs + records + executions * (2 * 40 + 3);
		const took = result.endedAt - result.startedAt;
		const waited = this.plan.steps.some(({ asks }) => asks !== undefined) || this.hasPause();
		if (!waited && took > bound) {
			this.checker.violate(`I12 the run took ${took} ms, its limit is ${limitMs} ms`);
		}
	}

	private hasPause(): boolean {
		return this.plan.faults.some(({ kind }) => kind === 'pause');
	}
}

const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled', 'timed_out']);
