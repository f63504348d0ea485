import type { Cause, RunEvent, Timer } from '../core';
import { abortReason, CancellationScope, hashOf } from '../core';
import type { CallBudget } from '../budget';
import { CallScope, type BlockedBy, type BreakerChange } from '../resilience';
import type { Allocation } from '../resources';
import type {
	DependencyResult,
	GraphStep,
	BodyContext,
	WaitForOptions,
	Effect,
	EffectOptions,
} from './definition';
import { parentsOf } from './parents';
import type { RunCore } from './runCore';
import type { Step } from './step';

/** What the attempts of a run need from the parts that this file must not know. */
export interface AttemptHost {
	readonly run: RunCore;
	waitFor(attempt: Attempt, name: string, options: WaitForOptions): Promise<unknown>;
	waitElsewhere<Value>(attempt: Attempt, wait: () => Promise<Value>): Promise<Value>;
	addStep(stepId: string, step: GraphStep): void;
	effect<T>(attempt: Attempt, name: string, work: Effect<T>, options: EffectOptions): Promise<T>;
	/** The attempts are spent: a person decides how the step goes on. */
	askAfterFailure(attempt: Attempt, error: unknown): void;
}

/** One attempt of a step: what its body sees, and the place it holds. */
export class Attempt implements BodyContext {
	readonly attempt: number;
	readonly path: string;
	/** The place in the pool, if it took one. */
	allocation: Allocation | undefined;
	/** Whether it holds a place in the run. */
	holdsSlot = false;
	/** Somebody wants it to stop; its step is cancelled when the body settles. */
	cancelledBy: Cause | undefined;
	/** Interrupted to make room; its step gets in line again. */
	preempted = false;
	/** Its result is being recorded: nothing can stop it any more. */
	recording = false;
	/** Whether the body waits for an answer and holds no place. */
	suspended = false;
	/** What to do when a suspended attempt has a place again. */
	resume: (() => void) | undefined;
	/** The time limits of this attempt. */
	limits: { pause(): void; go(): void; stop(): void } | undefined;
	/** When its place is taken from a body that does not obey. */
	placeTimer: Timer | undefined;
	/** When a record that takes too long is not waited for any more. */
	recordTimer: Timer | undefined;
	/** Its step has gone on, but its body still runs and keeps its place for a while. */
	lingers = false;
	/** Side effects under way: it must not be broken off in the middle. */
	effects = 0;
	/** What its call waits for. */
	waitsFor: BlockedBy | undefined;
	/** Its body has lost its place, and still runs. */
	isZombie = false;
	private nested: CancellationScope | undefined;
	private call: CallScope | undefined;

	constructor(
		readonly step: Step,
		readonly host: AttemptHost,
	) {
		this.attempt = step.attempt;
		this.path = step.path;
	}

	get run(): RunCore {
		return this.host.run;
	}

	get signal(): AbortSignal {
		return this.callScope.signal;
	}

	/** What carries the signal and the signs of life; made when first needed. */
	get callScope(): CallScope {
		return (this.call ??= new CallScope(this.attempt));
	}

	activity(): void {
		this.call?.activity();
	}

	get runId(): string {
		return this.run.runId;
	}

	get stepId(): string {
		return this.step.id;
	}

	get iteration(): number {
		return this.step.iteration;
	}

	get input(): unknown {
		return this.step.input;
	}

	get runInput(): unknown {
		return this.run.options.input;
	}

	get lastHeartbeat(): unknown {
		return this.step.rare?.heartbeat;
	}

	get fairnessKey(): string {
		return this.run.fairnessKey;
	}

	get parents(): readonly string[] {
		return parentsOf(this.run, this.step);
	}

	get idempotencyKey(): string {
		return hashOf([this.runId, this.path, this.input]);
	}

	get deps(): Readonly<Record<string, DependencyResult>> {
		const deps: Record<string, DependencyResult> = {};
		const { plan, wiring } = this.step;
		plan.sources.forEach((place, position) => {
			const from = this.run.list[place]!;
			const { status, output, error, cause } = from;
			const timedOut = wiring?.incoming[position]!.timedOut ?? false;
			deps[from.id] = {
				...{ status, value: output, timedOut },
				...(error && { error }),
				...(cause && { cause }),
			};
		});
		return deps;
	}

	get scope(): CancellationScope {
		if (this.nested === undefined) {
			this.nested = new CancellationScope();
			if (this.cancelledBy !== undefined) this.nested.cancel(this.cancelledBy);
		}
		return this.nested;
	}

	get budget(): CallBudget | undefined {
		const { budget } = this.run.options;
		if (budget === undefined) return undefined;
		const { ledger, path, save } = budget;
		return {
			ledger,
			path: path === undefined ? this.path : `${path}/${this.path}`,
			...(save && { save: async () => await save() }),
		};
	}

	/** Whether the fate of this attempt is still open: what the body of any other says is late. */
	get isOpen(): boolean {
		return this.step.current === this && !this.recording;
	}

	/** Whether this attempt still counts. */
	get isCurrent(): boolean {
		return this.step.current === this;
	}

	now(): number {
		return this.run.now();
	}

	output(stepId: string): unknown {
		return this.run.steps.get(stepId)?.output;
	}

	progress(fraction: number, message?: string): void {
		if (!this.isCurrent) return;
		this.activity();
		this.run.progress.report(this.step, fraction, message);
		this.emit('step.progress', { fraction, message });
	}

	blocked(by: BlockedBy | undefined): void {
		this.waitsFor = by;
		if (by !== undefined && this.isCurrent) this.emit(`${by.kind}.waiting`, { detail: by.detail });
	}

	breakerChanged({ key, from, to }: BreakerChange): void {
		if (this.isCurrent) this.emit(`breaker.${to}`, { key, from });
	}

	tell({ type, stepPath, attempt, data, at }: RunEvent, name: string): void {
		if (!this.isCurrent) return;
		this.activity();
		if (stepPath === undefined) return;
		const path = `${this.path}/${name}/${stepPath}`;
		this.run.events.emit(type, path, attempt, data, at);
	}

	heartbeat(data: unknown): void {
		if (!this.isCurrent) return;
		this.activity();
		this.step.extras.heartbeat = data;
		this.emit('step.heartbeat');
	}

	async waitFor(name: string, options: WaitForOptions = {}): Promise<unknown> {
		return await this.host.waitFor(this, name, options);
	}

	async waitElsewhere<Value>(wait: () => Promise<Value>): Promise<Value> {
		return await this.host.waitElsewhere(this, wait);
	}

	async effect<T>(name: string, work: Effect<T>, options: EffectOptions = {}): Promise<T> {
		return await this.host.effect(this, name, work, options);
	}

	/** From now on it is not broken off in the middle. */
	beginEffect(): void {
		this.effects++;
		if (this.allocation !== undefined) this.allocation.inSideEffect = true;
	}

	endEffect(): void {
		this.effects--;
		if (this.allocation !== undefined) this.allocation.inSideEffect = this.effects > 0;
	}

	addStep(stepId: string, step: GraphStep): void {
		this.host.addStep(stepId, step);
	}

	/** The step is cancelled: tells the body to stop. */
	stop(cause: Cause): void {
		this.cancelledBy ??= cause;
		this.interrupt(cause);
	}

	/** Tells the body to stop, whatever becomes of the step. */
	interrupt(cause: Cause): void {
		this.nested?.cancel(cause);
		this.callScope.abort(abortReason(cause));
	}

	/** Its step goes on: its places are free, unless the body lingers. */
	leave(): void {
		if (!this.lingers) this.release();
	}

	private emit(type: string, data?: Readonly<Record<string, unknown>>): void {
		this.run.events.emit(type, this.path, this.attempt, data);
	}

	/** Gives back the places it holds. Safe to call more than once. */
	release(): void {
		if (this.holdsSlot) {
			this.holdsSlot = false;
			this.run.slots--;
		}
		const { allocation } = this;
		if (allocation === undefined) return;
		// The pool shows a zombie until its body settles.
		if (this.isZombie) return allocation.abandon();
		this.allocation = undefined;
		allocation.release();
	}
}
