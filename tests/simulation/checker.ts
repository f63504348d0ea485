import {
	isStepEnded,
	type BodyContext,
	type CompensationContext,
	type GraphRun,
	type RunEvent,
	type StepStatus,
} from '../../lib';
import type { SimulatedDisk } from './disk';
import { isPlain, type Plan, type PlanStep } from './plan';
import { expectedState } from './state';

/** Statuses of a step as its events tell them. */
const STATUS_OF_EVENT: Readonly<Record<string, StepStatus>> = {
	'step.blocked': 'blocked',
	'step.ready': 'ready',
	'step.queued': 'queued',
	'step.started': 'running',
	'step.retry': 'backing_off',
	'step.waiting': 'waiting',
	'step.completed': 'completed',
	'step.failed': 'failed',
	'step.skipped': 'skipped',
	'step.cancelled': 'cancelled',
	'step.timed_out': 'timed_out',
};

/** How a body leaves a wait that another part of it spoilt. */
const ENDS_OF_PARTS: ReadonlySet<string> = new Set(['failed', 'backing_off']);

/** Longest time of asking the journal and recording a start. */
const JOURNAL_MS = 2 * 3;

const RUN_ENDS: ReadonlySet<string> = new Set([
	'run.completed',
	'run.failed',
	'run.cancelled',
	'run.timed_out',
]);

/**
 * Watches a simulated run, over all its processes, and notes what must never happen. Invariants are
 * named as in the description of the engine.
 */
export class Checker {
	readonly violations: string[] = [];
	/** Rare states that were reached. */
	readonly seen = new Set<string>();
	/** A hash of everything that happened, in order. */
	trace = 0x811c9dc5;
	events = 0;
	/** Cancelled by the world, in any process, and known to the engine. */
	cancelled = false;
	paused = false;

	private readonly steps: ReadonlyMap<string, PlanStep>;
	private run: GraphRun | undefined;
	private lastSeq: number | undefined;
	private statuses = new Map<string, StepStatus>();
	/** Paths of executions whose bodies have begun, in any process. */
	private readonly begun = new Set<string>();
	/** When each execution got in line, in this process. */
	private inLineSince = new Map<string, number>();
	private running = 0;
	private ended = false;
	private epoch = 0;
	private percent = 0;
	/** Completed undoable executions by path, with their completion order. */
	private readonly undoable = new Map<string, number>();
	private readonly undone: string[] = [];
	private readonly keys = new Map<string, string>();

	constructor(
		private readonly plan: Plan,
		private readonly disk: SimulatedDisk,
		private readonly hashKeys: boolean,
	) {
		this.steps = new Map(plan.steps.map((step) => [step.id, step]));
	}

	/**
	 * A process begins to work on the run.
	 *
	 * @param lastSeq - number of the last event before the checkpoint it goes on from
	 */
	attach(run: GraphRun, lastSeq: number | undefined): void {
		this.run = run;
		this.lastSeq = lastSeq;
		this.statuses = new Map();
		this.inLineSince = new Map();
		this.running = 0;
		this.ended = false;
		this.paused = false;
		this.epoch = 0;
		this.percent = 0;
	}

	onEvent(event: RunEvent): void {
		this.events++;
		this.note(`${event.type}${event.stepPath ?? ''}@${event.at}`);
		this.check(this.lastSeq === undefined || event.seq === this.lastSeq + 1, 'I31 gap in seq');
		this.lastSeq = event.seq;
		this.check(!this.ended || event.type === 'late.result', `I3 ${event.type} after the end`);
		if (RUN_ENDS.has(event.type)) this.ended = true;
		const status = STATUS_OF_EVENT[event.type];
		if (status !== undefined) this.onStatus(event, status);
		this.onSpecial(event);
		this.checkProgress();
	}

	/** The body of a step begins. */
	onStart(context: BodyContext, epoch: number, isFirst: boolean): void {
		const { stepId, path, attempt } = context;
		const step = this.steps.get(stepId)!;
		this.note(`start ${path} ${attempt} ${epoch}`);
		this.begun.add(path);
		this.check(!this.disk.done.has(path), `I1 ${path} starts although it is recorded as done`);
		const limit = step.maxAttempts;
		this.check(attempt <= limit || limit === 1, `I4 ${path} starts attempt ${attempt} of ${limit}`);
		this.check(!this.cancelled, `I14 ${path} starts after the run was cancelled`);
		this.check(!this.paused, `I26 ${path} starts while the run is paused`);
		// After a restart, failed dependencies begin anew; who started after their end stays started.
		if (isFirst) this.checkDependencies(step, context);
		if (!this.hashKeys) return;
		const key = context.idempotencyKey;
		this.check((this.keys.get(path) ?? key) === key, `I17 the key of ${path} changed`);
		this.keys.set(path, key);
		this.check(new Set(this.keys.values()).size === this.keys.size, 'I17 two paths share a key');
	}

	/** An undoable step has completed, and the world knows. */
	onUndoable(path: string, order: number): void {
		this.undoable.set(path, order);
	}

	onCompensate(context: CompensationContext): void {
		const { path, attempt } = context;
		this.note(`undo ${path} ${attempt}`);
		const done = this.disk.entry(`${path}/compensate`);
		this.check(done?.status !== 'completed', `I15 ${path} is undone again`);
		if (attempt > 1 || this.undone.at(-1) === path) return;
		const order = this.disk.entry(path)?.result?.order ?? this.undoable.get(path)!;
		for (const later of this.undone) {
			const other = this.disk.entry(later)?.result?.order ?? this.undoable.get(later)!;
			// A compensation that failed for good is tried again by the next process, in its turn.
			if (other <= order && !this.undone.includes(path)) {
				this.violate(`I15 ${path} is undone after ${later}, which had completed before it`);
			}
		}
		this.undone.push(path);
	}

	/** Somebody answered, and this is what became of it. */
	onReceipt(accepted: boolean, requestId: string, acceptedBefore: ReadonlySet<string>): void {
		if (accepted) {
			this.check(!acceptedBefore.has(requestId), `I21 ${requestId} was answered twice`);
		}
	}

	/** The run has ended, and everything that was under way has settled. */
	onEnd(run: GraphRun, pendingTimers: number): void {
		this.check(this.ended, 'I3 no event told of the end of the run');
		this.check(pendingTimers === 0, `I27 ${pendingTimers} timers are left`);
		for (const stepId of run.stepIds) {
			const record = run.step(stepId);
			this.check(isStepEnded(record.status), `I2 ${record.path} is ${record.status} at the end`);
			const told = this.statuses.get(record.path);
			this.check(
				told === undefined || told === record.status,
				`I31 ${record.path} is ${record.status}, its events say ${told}`,
			);
		}
		if (run.status === 'completed') {
			this.check(run.progress.percent === 100, `I32 ${run.progress.percent} % at the end`);
		}
	}

	/** The shared state is what the completed executions make it, whatever their order was. */
	checkState(run: GraphRun, state: Record<string, unknown>): void {
		const { steps, history } = run.checkpoint();
		const completed = new Map<string, { path: string; times: number }>();
		for (const { stepId, path, status } of [...history, ...steps]) {
			if (status !== 'completed') continue;
			completed.set(stepId, { path, times: (completed.get(stepId)?.times ?? 0) + 1 });
		}
		const expected = expectedState(completed);
		for (const key of new Set([...Object.keys(expected), ...Object.keys(state)])) {
			const [is, was] = [String(state[key]), String(expected[key])];
			this.check(is === was, `I25 the state says ${key} is ${is}, it should be ${was}`);
		}
	}

	/** A rare state was reached. */
	sometimes(what: string): void {
		this.seen.add(what);
	}

	violate(message: string): void {
		if (this.violations.length < 10) this.violations.push(message);
	}

	note(text: string): void {
		let hash = this.trace;
		for (let i = 0; i < text.length; i++) {
			hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
		}
		this.trace = hash;
	}

	private check(holds: boolean, message: string): void {
		if (!holds) this.violate(message);
	}

	private onStatus(event: RunEvent, status: StepStatus): void {
		const path = event.stepPath!;
		const before = this.statuses.get(path);
		this.check(
			before === undefined || !isStepEnded(before),
			`I2 ${path} goes from ${before} to ${status}`,
		);
		this.statuses.set(path, status);
		if (before === 'waiting' && ENDS_OF_PARTS.has(status)) this.sometimes('part of a body failed');
		if (before === 'blocked' && status === 'ready') this.sometimes('condition came true');
		if (status === 'completed' && this.plan.journal !== 'none') {
			this.check(
				this.disk.entry(path)?.status === 'completed',
				`I18 ${path} is told to be completed before that is recorded`,
			);
		}
		if (status === 'ready') this.inLineSince.set(path, event.at);
		if (before === 'queued' && status === 'timed_out') this.sometimes('timed out in line');
		if (before === 'running') this.running--;
		if (status !== 'running') return;
		this.checkTime(event);
		this.running++;
		this.check(
			this.running <= this.plan.maxConcurrent,
			`I5 ${this.running} steps run, allowed are ${this.plan.maxConcurrent}`,
		);
	}

	/** No attempt starts when the time for all of them is over. */
	private checkTime({ stepPath, at }: RunEvent): void {
		const { scheduleToCloseMs, asks } = this.steps.get(stepPath!.split('#')[0]!)!;
		// Waiting for people does not count, so who asks may take longer. Nor does a journal's time.
		if (scheduleToCloseMs === undefined || asks !== undefined) return;
		const waited = at - (this.inLineSince.get(stepPath!) ?? at);
		const bound = scheduleToCloseMs + JOURNAL_MS;
		this.check(waited <= bound, `I12 ${stepPath} starts ${waited} ms after it got in line`);
	}

	private onSpecial({ type, stepPath, data }: RunEvent): void {
		if (type === 'step.retry') {
			const delayMs = data!.delayMs as number;
			this.check(delayMs >= 0 && delayMs <= 40, `I13 ${stepPath} backs off for ${delayMs} ms`);
			this.sometimes('retry');
		}
		if (type === 'step.completed' && data?.reused === true) this.sometimes('reused result');
		if (type === 'late.result') this.sometimes('late result');
		if (type === 'pool.zombie') this.sometimes('zombie');
		if (type === 'pool.waiting') this.sometimes('wait for the pool');
		if (type === 'step.timed_out') this.sometimes('step timed out');
		if (type === 'step.blocked') this.sometimes('blocked');
		if (type === 'step.failed' && codeOf(data) === 'DEADLOCK') this.sometimes('deadlock');
		if (type === 'step.failed' && codeOf(data) === 'ATTEMPTS_SPENT') {
			this.sometimes('crash in the last attempt');
		}
		if (type === 'step.dependency_timed_out') this.sometimes('dependency timed out');
		if (type === 'pool.preempted') this.sometimes('pre-empted');
		if (stepPath?.includes('#') === true) this.noteAgain(type, stepPath);
	}

	/** A second execution: because it was named, or because a result was no longer fresh. */
	private noteAgain(type: string, path: string): void {
		const { id, onDemand, dependsOn } = this.steps.get(path.split('#')[0]!)!;
		// A first execution that was skipped, and is judged again after a restart, is none.
		this.sometimes(onDemand ? 'loop' : 'renewed');
		if (type !== 'step.started' || onDemand) return;
		const { steps, faults } = this.plan;
		const namers = steps.filter(({ names }) => names.includes(id));
		// It waits for all who name it, nobody cancels it before they do, and nobody wants it fresh.
		const runsOnce =
			namers.length > 0 &&
			dependsOn.every(isPlain) &&
			namers.every((namer) => dependsOn.some(({ on }) => on === namer.id)) &&
			!faults.some(({ kind }) => kind === 'cancelStep') &&
			this.begun.has(id) &&
			!steps.some((step) => step.dependsOn.some(({ lifecycle }) => lifecycle !== undefined));
		this.check(!runsOnce, `I1 ${path} runs again although those it waits for named it once`);
	}

	private checkProgress(): void {
		const { percent, epoch } = this.run!.progress;
		this.check(percent >= 0 && percent <= 100, `I32 progress is ${percent} %`);
		this.check(epoch > this.epoch || percent >= this.percent, 'I32 progress went down');
		this.epoch = epoch;
		this.percent = percent;
	}

	private checkDependencies(step: PlanStep, context: BodyContext): void {
		const { deps, path } = context;
		let completed = 0;
		let grouped = 0;
		let renewed = 0;
		for (const { on, type } of step.dependsOn) {
			const { status, timedOut, value } = deps[on]!;
			// One that runs again since somebody else wants it fresh has completed all the same.
			const again = this.run!.step(on).iteration > 1;
			const met = status === 'completed' || (again && value !== undefined);
			if (type === 'required') {
				this.check(met, `I7 ${path} starts, required ${on} is ${status}`);
			} else if (type === 'sequential') {
				const over = isStepEnded(status) || timedOut || again;
				this.check(over, `I7 ${path} starts, sequential ${on} is ${status}`);
			} else if (type === 'and' || type === 'or' || type === 'xor') {
				grouped++;
				if (met) completed++;
				if (again) renewed++;
			}
		}
		if (grouped === 0) return;
		const type = step.dependsOn[0]!.type;
		if (type === 'and') this.check(completed === grouped, `I7 ${path} starts without its group`);
		else if (type === 'or') this.check(completed > 0, `I7 ${path} starts without its group`);
		else
			this.check(
				completed === 1 || renewed > 0,
				`I7 ${path} starts with ${completed} of its xor group`,
			);
	}
}

function codeOf(data: RunEvent['data']): string | undefined {
	return (data?.error as { code?: string } | undefined)?.code;
}
