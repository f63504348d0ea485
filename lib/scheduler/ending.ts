import {
	CancellationScope,
	EngineError,
	hashOf,
	messageOf,
	serializeError,
	type SerializedError,
} from '../core';
import {
	compensate,
	retryPolicy,
	runShielded,
	type CallContext,
	type Compensation,
	type CompensationStatus,
} from '../resilience';
import type { JournalEntry } from '../run';
import type { CompensationContext } from './definition';
import { CLEANUP_TIMEOUT_MS } from './limits';
import { judge, type Verdict } from './outcome';
import { undoable, type RunCore, type Undoable } from './runCore';
import { recordFact } from './runRecord';
import { skipAsUnnamed } from './stall';

/** Journal paths of the run itself. No step can have them: ids and paths never begin with `$`. */
export const CANCEL_PATH = '$cancel';
export const UNDO_PATH = '$undo';
export const END_PATH = '$run';

/** How the run ended, and what could not be undone. */
export interface Ending extends Verdict {
	compensationErrors: Array<{ path: string; error: SerializedError }>;
}

/**
 * All steps have ended: judges the run, undoes what is to be undone, cleans up. No cancel stops
 * this; each part is bounded in time instead.
 *
 * @param recorded - the verdict of an earlier process that died while undoing
 */
export async function endRun(run: RunCore, recorded: Verdict | undefined): Promise<Ending> {
	for (const step of run.list) if (!step.armed) skipAsUnnamed(run, step);
	for (const step of run.ended) step.told = true;
	run.ended = [];
	const verdict = recorded ?? judge(run);
	const compensationErrors = await undo(run, verdict);
	await cleanUp(run);
	const { status, outcome } = verdict;
	await recordFact(run, END_PATH, { status, outcome, endedAt: run.now() });
	return { ...verdict, compensationErrors };
}

async function undo(run: RunCore, verdict: Verdict): Promise<Ending['compensationErrors']> {
	const { compensateOn = 'failure_or_cancel', cleanupTimeoutMs } = run.options;
	const { compensateInParallel = false } = run.options;
	const wanted =
		verdict.status !== 'completed' &&
		(compensateOn === 'failure_or_cancel' ||
			(compensateOn === 'failure' && verdict.status === 'failed'));
	if (!wanted) return [];
	run.undoables.push(...unfinished(run));
	if (run.undoables.length === 0) return [];
	// From here on the verdict is final: after a restart the run goes on undoing.
	await recordFact(run, UNDO_PATH, verdict);
	run.undoables.sort((first, second) => first.order - second.order);
	const byPath = new Map(run.undoables.map((undoable) => [undoable.path, undoable]));
	const waves = wavesOf(run.undoables);
	const compensations: Compensation[] = [];
	for (const [index, undoable] of run.undoables.entries()) {
		compensations.push({ ...(await compensationOf(run, undoable)), wave: waves[index]! });
	}
	const report = await compensate(compensations, run.options.runtime, {
		cleanupTimeoutMs: cleanupTimeoutMs ?? CLEANUP_TIMEOUT_MS,
		parallelWaves: compensateInParallel,
		onStatus: (path, status, error) => note(run, byPath.get(path)!, status, error),
	});
	return report.failed.map(({ stepPath, error }) => ({
		path: stepPath,
		error: serializeError(error),
	}));
}

/**
 * Steps that did not complete and may have done something all the same: those that say so, and those
 * that an earlier process had begun and never told the end of. They come after all that completed.
 */
function unfinished(run: RunCore): Undoable[] {
	return run.list
		.filter(({ status, attempt, rare, definition: { compensate, compensateOnFailure } }) => {
			if (compensate === undefined || status === 'completed') return false;
			return rare?.isUnknown === true || (compensateOnFailure === true && attempt > 0);
		})
		.map((step) => ({ ...undoable(step), output: undefined, order: run.order + 1 }));
}

/** Which steps, in completion order, ran side by side: each began before the first of them ended. */
function wavesOf(undoables: readonly Undoable[]): number[] {
	let wave = 0;
	let firstEnd = -Infinity;
	return undoables.map(({ startedAt = Infinity, endedAt = -Infinity }) => {
		if (startedAt >= firstEnd) {
			wave++;
			firstEnd = endedAt;
		}
		return wave;
	});
}

async function compensationOf(run: RunCore, undoable: Undoable): Promise<Compensation> {
	const { step, path } = undoable;
	const { compensate: body, compensateRetry } = step.definition;
	const entry = await find(run, undoPath(path));
	if (entry?.status === 'completed') undoable.status = 'done';
	return {
		stepPath: path,
		status: undoable.status === 'done' ? 'done' : 'pending',
		retry: retryPolicy(compensateRetry),
		run: async (call) => {
			const context: Omit<CompensationContext, 'signal'> = {
				runId: run.runId,
				stepId: step.id,
				path,
				attempt: call.attempt,
				input: undoable.input,
				output: undoable.output,
				idempotencyKey: hashOf([run.runId, undoPath(path), undoable.input]),
			};
			return await unlessForced(
				run,
				call,
				path,
				async (signal) => await body!({ ...context, signal }),
			);
		},
	};
}

/** Undoes something, until somebody insists that nothing more is undone. */
async function unlessForced(
	run: RunCore,
	call: CallContext,
	path: string,
	undoIt: (signal: AbortSignal) => Promise<unknown>,
): Promise<unknown> {
	const scope = new CancellationScope(run.undoScope);
	const forced = new Promise<never>((_, reject) => {
		scope.onCancel(({ message }) => reject(notUndone(path, message)));
	});
	const onAbort = (): void => scope.cancel(run.cause('timeout', 'Undoing took too long.'));
	call.signal.addEventListener('abort', onAbort, { once: true });
	const undone = scope.signal.aborted ? forced : Promise.race([undoIt(scope.signal), forced]);
	return await undone.finally(() => {
		call.signal.removeEventListener('abort', onAbort);
		scope.close();
	});
}

function notUndone(path: string, why: string): EngineError {
	return new EngineError('UNDO_STOPPED', `"${path}" was not undone to its end: ${why}`, {
		errorClass: 'abort',
		retryable: false,
	});
}

async function note(
	run: RunCore,
	undoable: Undoable,
	status: CompensationStatus,
	error: unknown,
): Promise<void> {
	undoable.status = status;
	const { path } = undoable;
	const data = error === undefined ? { status } : { status, error: serializeError(error) };
	run.events.emit('step.compensation', path, undefined, data);
	if (status === 'done') await recordFact(run, undoPath(path), null);
}

async function cleanUp(run: RunCore): Promise<void> {
	const { cleanup, runtime, cleanupTimeoutMs = CLEANUP_TIMEOUT_MS } = run.options;
	if (cleanup === undefined) return;
	await runShielded(async () => await cleanup(), runtime, cleanupTimeoutMs).then(
		() => run.events.emit('run.cleaned_up'),
		(error: unknown) =>
			run.events.emit('run.cleanup_failed', undefined, undefined, { error: messageOf(error) }),
	);
}

function undoPath(path: string): string {
	return `${path}/compensate`;
}

async function find(run: RunCore, path: string): Promise<JournalEntry | undefined> {
	return await run.options.journal?.find(path, '');
}
