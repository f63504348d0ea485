import { hashOf, parse, toJson, ValidationError } from '../core';
import type { StepRecord } from '../run';
import { isStepEnded } from '../run';
import { runCheckpointSchema, type RunCheckpoint } from './checkpointRecord';
import { arm } from './gates';
import type { RunCore, Undoable } from './runCore';
import type { Step } from './step';
import { recordOf } from './stepRecord';
import { edgesOf } from './wiring';
import { reopen } from './answering';

/** The run as plain JSON. Outputs that are not JSON lose what JSON cannot say. */
export function takeCheckpoint(run: RunCore, remainingMs: number | undefined): RunCheckpoint {
	const { snapshot, budget, endpoints } = run.options;
	const undone = new Map(run.undoables.map(({ path, status }) => [path, status]));
	const body = toJson({
		schemaVersion: 1,
		runId: run.runId,
		name: run.name,
		createdAt: run.now(),
		status: run.status,
		input: run.options.input,
		steps: run.list
			.filter(({ armed, parked }) => armed || parked)
			.map((step) => recordOf(step, undone.get(step.path))),
		history: run.list.flatMap(({ rare }) => rare?.history ?? []).map(withUndo(undone)),
		completed: completedIds(run),
		queue: run.ready.toArray().map(({ id }) => id),
		seq: run.events.seq,
		remainingMs,
		snapshot: snapshot?.(),
		endpoints: endpoints?.toJSON(),
		budget: budget?.path === undefined ? budget?.ledger.toJSON() : undefined,
	}) as Omit<RunCheckpoint, 'checksum'>;
	return { ...body, checksum: hashOf(body) };
}

/** Earlier executions, too, may have been undone since their record was made. */
function withUndo(
	undone: ReadonlyMap<string, Undoable['status']>,
): (record: StepRecord) => StepRecord {
	return (record) => {
		const compensation = undone.get(record.path);
		if (record.status !== 'completed' || compensation === undefined) return record;
		return { ...record, compensation };
	};
}

/**
 * Checks a checkpoint before anything is restored from it.
 *
 * @param graphName - the name it must have; any when it is `undefined`
 * @throws {ValidationError} when it has another shape, was changed, or belongs to another graph
 */
export function checkCheckpoint(value: unknown, graphName: string | undefined): RunCheckpoint {
	const checkpoint = parse(runCheckpointSchema, value, 'Checkpoint');
	const { checksum, ...body } = value as RunCheckpoint;
	if (hashOf(body) !== checksum) {
		throw new ValidationError(
			`The checkpoint of run "${checkpoint.runId}" was changed after it was taken: its checksum does not match.`,
		);
	}
	if (graphName !== undefined && checkpoint.name !== graphName) {
		throw new ValidationError(`The checkpoint is of "${checkpoint.name}", not of "${graphName}".`);
	}
	return checkpoint;
}

/**
 * Puts the steps of a new run where the checkpoint left them. What was running starts again, with
 * its attempts counted; what failed, timed out or was cancelled begins anew; what was skipped is
 * judged again.
 *
 * @param foreign - whether the new run has another id than the one of the checkpoint
 */
export function restoreSteps(run: RunCore, checkpoint: RunCheckpoint, foreign: boolean): void {
	const open: Array<{ step: Step; record: StepRecord }> = [];
	for (const record of checkpoint.history) restoreHistory(run, record);
	for (const record of checkpoint.steps) {
		const step = run.steps.get(record.stepId);
		// The step was removed from the graph since; it can neither run nor be waited for.
		if (step === undefined) continue;
		step.iteration = record.iteration;
		step.path = record.path;
		if (record.namedBy !== undefined) step.extras.namedBy = record.namedBy;
		if (record.againBy !== undefined) step.extras.againBy = record.againBy;
		if (record.status === 'completed') restoreCompleted(run, step, record, foreign);
		else if (staysEnded(run, record, checkpoint)) restoreEnded(run, step, record);
		else if (!step.onDemand || record.namedBy !== undefined) open.push({ step, record });
	}
	for (const record of [...checkpoint.history, ...checkpoint.steps]) {
		if (record.status === 'completed') run.order = Math.max(run.order, record.order);
	}
	for (const step of run.list) if (!step.onDemand) step.armed = true;
	for (const { step, record } of open) restoreOpen(run, step, record);
	// Steps that were added to the graph since begin now.
	const known = new Set(checkpoint.steps.map(({ stepId }) => stepId));
	for (const step of run.list) if (!step.onDemand && !known.has(step.id)) arm(run, step);
}

function restoreCompleted(
	run: RunCore,
	step: Step,
	record: Extract<StepRecord, { status: 'completed' }>,
	foreign: boolean,
): void {
	step.armed = true;
	step.told = true;
	step.status = 'completed';
	if (foreign) step.extras.foreign = true;
	step.attempt = record.attempt;
	step.output = record.output;
	step.order = record.order;
	step.next = record.next;
	step.endedAt = record.endedAt;
	run.progress.end(step, true);
	if (record.untold === true) {
		step.told = false;
		run.ended.push(step);
	}
	restoreUndoable(run, step, record);
}

type Unsuccessful = Extract<StepRecord, { status: 'failed' | 'timed_out' | 'cancelled' }>;

/** Whether a step that ended without success is not tried again. */
function staysEnded(
	{ options }: RunCore,
	record: StepRecord,
	{ status }: RunCheckpoint,
): record is Unsuccessful {
	if (!UNSUCCESSFUL.has(record.status)) return false;
	if (options.resumeFrom === 'unfinished') return true;
	// Somebody did not want this step; with a run that was cancelled, all steps were.
	const runWasCancelled = status === 'cancelling' || status === 'cancelled';
	return record.status === 'cancelled' && record.cause.kind === 'user' && !runWasCancelled;
}

const UNSUCCESSFUL: ReadonlySet<string> = new Set<Unsuccessful['status']>([
	'failed',
	'timed_out',
	'cancelled',
]);

function restoreEnded(run: RunCore, step: Step, record: Unsuccessful): void {
	step.armed = true;
	step.told = true;
	step.status = record.status;
	step.attempt = record.attempt;
	step.endedAt = record.endedAt;
	step.cause = record.cause;
	if ('error' in record) step.error = record.error;
	run.progress.end(step, true);
}

function restoreUndoable(
	run: RunCore,
	step: Step,
	record: Extract<StepRecord, { status: 'completed' }>,
): void {
	if (step.definition.compensate === undefined) return;
	const { path, input, output, order, compensation, startedAt, endedAt } = record;
	const status = compensation === 'done' ? 'done' : 'pending';
	run.undoables.push({ step, path, input, output, order, startedAt, endedAt, status });
}

function restoreHistory(run: RunCore, record: StepRecord): void {
	const step = run.steps.get(record.stepId);
	if (step === undefined) return;
	(step.extras.history ??= []).push(record);
	if (record.status !== 'completed') return;
	// What it did last counts until it has done it again.
	step.output = record.output;
	step.order = record.order;
	restoreUndoable(run, step, record);
}

function restoreOpen(run: RunCore, step: Step, record: StepRecord): void {
	const { extras } = step;
	extras.heartbeat = record.heartbeat;
	extras.preemptions = record.preemptions;
	extras.givesUpAt = record.givesUpAt;
	const { used } = record;
	if (used !== undefined) {
		for (const edge of edgesOf(run, step)) edge.used = used[edge.from.id] ?? 0;
	}
	if (record.answers !== undefined) extras.answers = new Map(Object.entries(record.answers));
	if (record.status === 'pending' && step.onDemand) return park(run, step);
	// Without a question, the time of the last one was up just then: the step begins again.
	if (record.status === 'waiting' && record.waitsFor.length > 0) {
		return restoreWaiting(run, step, record);
	}
	if (!isStepEnded(record.status)) step.attempt = record.attempt;
	if (record.status === 'running') extras.isUnknown = true;
	if (record.status === 'backing_off') extras.resumeAt = record.nextAttemptAt;
	arm(run, step);
}

/** Named, but not begun: it waits again for all who may still name it. */
function park(run: RunCore, step: Step): void {
	step.parked = true;
	run.parked.add(step);
}

/** The same question again, with the same id and what is left of its time. */
function restoreWaiting(
	run: RunCore,
	step: Step,
	record: Extract<StepRecord, { status: 'waiting' }>,
): void {
	step.armed = true;
	step.attempt = record.attempt;
	step.status = 'waiting';
	run.open++;
	run.suspended++;
	for (const suspension of record.waitsFor) reopen(run, step, suspension);
}

function completedIds(run: RunCore): string[] {
	return run.list
		.filter(({ status }) => status === 'completed')
		.sort((first, second) => first.order - second.order)
		.map(({ id }) => id);
}
