import type { Cause, EventSink, SerializedError } from '../core';
import { AbortError, show, ValidationError } from '../core';
import type { RunStatus, StepRecord, Suspension } from '../run';
import { isRunEnded } from '../run';
import { answer, recall, type AnswerReceipt } from './answering';
import type { AttemptHost } from './attempt';
import { cancelStep, interruptAll } from './cancel';
import { restoreSteps, takeCheckpoint } from './checkpoint';
import type { RunCheckpoint } from './checkpointRecord';
import type { GraphStep } from './definition';
import { doEffect } from './effects';
import { CANCEL_PATH, endRun } from './ending';
import { arm } from './gates';
import { journalFailure } from './journalFailure';
import type { CheckedGraph } from './graph';
import { STALL_MS } from './limits';
import { blockedBy, metricsOf, type WaitReason, type RunMetrics } from './metrics';
import type { CancelMode, GraphRunOptions } from './options';
import type { Verdict } from './outcome';
import { weightsOf, type Progress } from './progress';
import { recover } from './recovery';
import { RunClock } from './runClock';
import { RunCore } from './runCore';
import { RunLoop } from './runLoop';
import { recordFact } from './runRecord';
import { resultOf, type RunResult } from './runResult';
import { putStep, putSteps } from './runSteps';
import type { Step } from './step';
import { recordOf } from './stepRecord';
import { openRequests } from './requests';
import { StatusKeeper, type PauseReason } from './statusKeeper';
import { askAfterFailure, waitElsewhere, waitFor } from './suspension';

/**
 * A run of a graph. It never rejects because of a step: failures are part of its result.
 *
 * Made by {@link startGraph} and {@link restoreGraph}.
 */
export class GraphRun {
	/** How the run went, once it has ended. */
	readonly result: Promise<RunResult>;

	private readonly run: RunCore;
	private readonly loop: RunLoop;
	private readonly deadline: RunClock | undefined;
	private readonly keeper: StatusKeeper;
	private recordedVerdict: Verdict | undefined;
	private resolve!: (result: RunResult) => void;

	/** @internal */
	constructor(graph: CheckedGraph, options: GraphRunOptions, checkpoint?: RunCheckpoint) {
		const firstSeq = checkpoint === undefined ? 1 : checkpoint.seq + 1;
		this.run = new RunCore(graph, options, firstSeq);
		this.run.askedAgain = (step, suspension) => recall(this.run, step, suspension);
		this.result = new Promise((resolve) => (this.resolve = resolve));
		const host: AttemptHost = {
			run: this.run,
			waitFor: waitFor.bind(undefined, this.run),
			waitElsewhere: async (attempt, wait) => await waitElsewhere(this.run, attempt, wait),
			askAfterFailure: askAfterFailure.bind(undefined, this.run),
			addStep: (stepId: string, step: GraphStep) => this.addStep(stepId, step),
			effect: async (...given) => await doEffect(this.run, ...given),
		};
		this.loop = new RunLoop(this.run, host, {
			onDone: () => void this.end(),
			onRound: () => this.keeper.update(),
		});
		putSteps(this.run, graph);
		const timeoutMs = checkpoint?.remainingMs ?? options.timeoutMs;
		if (timeoutMs !== undefined) {
			this.deadline = new RunClock(this.run, timeoutMs, () => this.onTimeout());
		}
		this.keeper = new StatusKeeper(this.run, this.deadline, () => this.checkpoint());
	}

	get runId(): string {
		return this.run.runId;
	}

	get status(): RunStatus {
		return this.run.status;
	}

	/** How far the run is. */
	get progress(): Progress {
		const { progress, lastActivityAt, options } = this.run;
		const { step, message, epoch } = progress;
		const { stallMs = STALL_MS } = options;
		const etaMs = isRunEnded(this.status) ? undefined : progress.etaMs(this.run.now());
		return {
			percent: progress.percent(),
			epoch,
			...(etaMs === undefined ? {} : { etaMs }),
			...(step === undefined ? {} : { step: step.path, message }),
			lastActivityAt,
			stalled: !isRunEnded(this.status) && this.run.now() - lastActivityAt > stallMs,
		};
	}

	/** How long each completed step took, in milliseconds: the `weights` for the next run. */
	get weights(): Record<string, number> {
		return weightsOf(this.run.list);
	}

	get metrics(): RunMetrics {
		return metricsOf(this.run);
	}

	/** What can be answered now, oldest first. */
	get requests(): Suspension[] {
		return openRequests(this.run);
	}

	/** The current execution of a step. @throws {ValidationError} when there is no such step */
	step(stepId: string): StepRecord {
		return recordOf(this.find(stepId));
	}

	/** Ids of all steps, in the order of definition. */
	get stepIds(): string[] {
		return this.run.list.map(({ id }) => id);
	}

	/** What a step waits for; `undefined` when it does not wait. */
	blockedBy(stepId: string): WaitReason | undefined {
		return blockedBy(this.run, this.find(stepId));
	}

	/** Adds a receiver of events. @returns a function that removes it */
	subscribe(sink: EventSink): () => void {
		return this.run.events.subscribe(sink);
	}

	/**
	 * Adds a step while the run is open. One without dependencies starts at once, unless it is on
	 * demand.
	 *
	 * @throws {ValidationError} when the id is taken, a dependency does not exist, or the run has ended
	 */
	addStep(stepId: string, step: GraphStep): void {
		const { run } = this;
		const added = putStep(run, stepId, step);
		if (added.onDemand || !run.begun) return;
		arm(run, added);
		run.wake();
	}

	/**
	 * Stops the run: nothing new starts, what runs is told to stop, what completed is undone. A run
	 * that is being undone already is not stopped, unless with `force`.
	 *
	 * @param options - `force`: what is not undone yet stays as it is, and is reported
	 * @returns how the run went; when it had ended before, how it had gone
	 */
	async cancel(
		message = 'The run was cancelled.',
		options: { mode?: CancelMode; kind?: Cause['kind']; force?: boolean } = {},
	): Promise<RunResult> {
		const { mode = 'wait', kind = 'user', force = false } = options;
		const { run } = this;
		const cause = run.cause(kind, message);
		if (run.stopping === undefined && !run.ending) this.stop(cause, 'cancelled', mode);
		else if (!isRunEnded(run.status)) {
			if (force) run.undoScope.cancel(cause);
			run.events.emit('run.cancel_repeated', undefined, undefined, { cause, force });
		}
		return await this.result;
	}

	/**
	 * Stops one step.
	 *
	 * @returns false when there was nothing to stop
	 * @throws {ValidationError} when there is no such step
	 */
	cancelStep(
		stepId: string,
		options: { message?: string; mode?: CancelMode; kind?: Cause['kind'] } = {},
	): boolean {
		const { message = `Step "${stepId}" was cancelled.`, mode = 'wait', kind = 'user' } = options;
		const step = this.find(stepId);
		const cancelled = cancelStep(this.run, step, this.run.cause(kind, message), mode);
		this.run.wake();
		return cancelled;
	}

	/**
	 * Lets nothing new start and waits for what runs.
	 *
	 * @param mode - `immediate` breaks off steps that are `preemptible`; they run again later
	 * @returns a checkpoint, once nothing runs any more
	 * @throws {AbortError} when the run has ended or is being stopped
	 */
	async pause(mode: 'finish' | 'immediate' = 'finish'): Promise<RunCheckpoint> {
		return await this.hold(mode, 'pause', this.run.cause('preempted', 'The run is being paused.'));
	}

	/**
	 * The process is about to end: breaks off what is `preemptible`, waits for the rest, and lets go of
	 * the run.
	 *
	 * @returns a checkpoint; another process goes on from it
	 * @throws {AbortError} when the run has ended or is being stopped
	 */
	async drain(): Promise<RunCheckpoint> {
		const cause = this.run.cause('shutdown', 'The process is about to end.');
		const checkpoint = await this.hold('immediate', 'drain', cause);
		this.release();
		return checkpoint;
	}

	private async hold(
		mode: 'finish' | 'immediate',
		reason: PauseReason,
		cause: Cause,
	): Promise<RunCheckpoint> {
		const { run } = this;
		if (run.ending || run.stopping !== undefined) {
			throw new AbortError(`The run cannot be paused: it is ${run.status}.`);
		}
		if (run.status === 'paused') return this.checkpoint();
		run.held = true;
		const paused = this.keeper.pause(reason);
		if (mode === 'immediate') interruptAll(run, cause);
		run.wake();
		return await paused;
	}

	/**
	 * Lets go of a run that is paused or waits for answers alone: nothing of it happens in this
	 * process any more, and its `result` stays open. It goes on from a checkpoint, anywhere.
	 */
	release(): void {
		const { run } = this;
		run.held = true;
		this.deadline?.pause();
		for (const { rare } of run.list) rare?.withdraw?.();
		this.letGo();
	}

	/** Goes on after a pause. Does nothing when the run is not paused. */
	resume(): void {
		const { run } = this;
		if (!run.held) return;
		run.held = false;
		this.keeper.set('running');
		run.wake();
	}

	/** The run as plain JSON, as it is now; {@link restoreGraph} goes on from it. */
	checkpoint(): RunCheckpoint {
		return takeCheckpoint(this.run, this.deadline?.leftMs);
	}

	/** Answers what a step asked with `waitFor`. The first answer counts. */
	async answer(requestId: string, value: unknown): Promise<AnswerReceipt> {
		return await answer(this.run, requestId, value);
	}

	/** Waits until the run has ended, is paused, or waits for answers alone. */
	async untilIdle(): Promise<RunStatus> {
		return await this.keeper.untilIdle();
	}

	/** @internal Begins, or goes on where the checkpoint left off. */
	async begin(checkpoint?: RunCheckpoint, foreign = false): Promise<void> {
		const { run } = this;
		// Always later, so that whoever starts a run can subscribe to its first event.
		const failure = await this.recover().then(
			() => undefined,
			(error: unknown) => journalFailure(run.runId, error),
		);
		run.startedAt = run.now();
		run.begun = true;
		if (run.stopping === undefined && !run.held) this.keeper.set('running');
		if (run.stopping === undefined) this.deadline?.go();
		this.startCheckpoints();
		run.scope.onCancel((cause) => this.stop(cause, 'cancelled', 'wait'));
		if (failure !== undefined) this.refuse(failure);
		else if (checkpoint !== undefined) restoreSteps(run, checkpoint, foreign);
		else this.armAll();
		this.loop.start();
	}

	/** Takes in what earlier processes have recorded about the run as a whole. */
	private async recover(): Promise<void> {
		this.recordedVerdict = await recover(this.run);
		await this.deadline?.recover();
	}

	/** Without knowing what was done before, nothing may start. */
	private refuse(failure: SerializedError): void {
		const { run } = this;
		run.fatal = failure;
		run.stopping ??= run.cause('shutdown', failure.message);
		for (const step of run.list) {
			step.armed = true;
			run.open++;
		}
	}

	private armAll(): void {
		const { list, startedAt } = this.run;
		// What is added by somebody who hears of these takes part by itself.
		const steps = list.slice();
		for (const step of steps) step.armed = !step.onDemand;
		for (const step of steps) if (step.armed) arm(this.run, step, startedAt);
	}

	private find(stepId: string): Step {
		const step = this.run.steps.get(stepId);
		if (step !== undefined) return step;
		throw new ValidationError(`There is no step ${show(stepId)} in "${this.run.name}".`);
	}

	private stop(cause: Cause, as: RunCore['stopAs'], mode: CancelMode): void {
		const { run } = this;
		if (run.ending || run.stopping !== undefined) return;
		run.stopping = cause;
		run.stopAs = as;
		run.held = false;
		this.keeper.set('cancelling');
		if (as === 'cancelled') void recordFact(run, CANCEL_PATH, cause);
		if (run.begun) this.loop.cancelAll(mode);
		run.wake();
	}

	private onTimeout(): void {
		const { run } = this;
		if (run.stopping === undefined) {
			const cause = run.cause('timeout', 'The time limit of the run passed.');
			this.stop(cause, 'timed_out', 'try');
		} else {
			// It was being stopped; for bodies that do not obey there is no time left.
			this.loop.cancelAll('try');
			run.wake();
		}
	}

	private startCheckpoints(): void {
		const { checkpointEveryMs, onCheckpoint } = this.run.options;
		if (checkpointEveryMs === undefined || onCheckpoint === undefined) return;
		this.run.setTimer(checkpointEveryMs, () => {
			this.run.events.emit('checkpoint.taken', undefined, undefined, { reason: 'interval' });
			onCheckpoint(this.checkpoint());
			this.startCheckpoints();
		});
	}

	/** Nothing of the run is left in the clock, the pool and the scope around it. */
	private letGo(): void {
		const { run } = this;
		for (const timer of run.timers) timer.cancel();
		run.timers.clear();
		run.stopBudgetEvents();
		run.options.pool?.reopen(run.places);
		// Bodies that outlive the run are the pool's business now.
		for (const { allocation } of run.lingering) allocation?.abandonLater();
		run.scope.close();
	}

	private async end(): Promise<void> {
		const { run } = this;
		this.deadline?.stop();
		const ending = await endRun(run, this.recordedVerdict);
		this.letGo();
		run.endedAt = run.now();
		this.keeper.set(ending.status);
		this.keeper.answerPauses();
		this.resolve(resultOf(run, ending));
	}
}
