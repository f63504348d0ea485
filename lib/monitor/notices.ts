import type { Usage } from '../core';
import { isRunEnded, isStepEnded } from '../run';
import { ITEM } from './nodeRun';
import type { PictureError, RunPicture, StepPicture } from './runPicture';

/** What there is to be told of runs. */
export const NOTICE_TYPES = [
	'run.started',
	'run.completed',
	'run.failed',
	'run.cancelled',
	'run.paused',
	'run.stalled',
	'budget.reached',
	'person.asked',
	'step.started',
	'step.completed',
	'step.failed',
] as const;
export type NoticeType = (typeof NOTICE_TYPES)[number];

/** Something that has happened in a run. */
export interface RunNotice {
	/** The same for the same thing, however often it is told: what receivers drop repetitions by. */
	id: string;
	type: NoticeType;
	/** Milliseconds since the epoch. */
	at: number;
	runId: string;
	/** Name of the run. */
	name: string;
	/** The step that it happened to. */
	step?: string;
	/** What is asked, or what the run says of itself. */
	message?: string;
	error?: PictureError;
	/** Progress of the run, 0 to 100. */
	progress: number;
	usage: Usage;
}

/** When a run counts as stalled. */
export interface StallRule {
	now: number;
	/** A run that runs, and of which nothing was heard for so long, in milliseconds. */
	stalledAfterMs: number;
}

/**
 * Everything that has happened in a run as far as its picture tells, oldest first. A pure function
 * of what is stored: whoever asks again, after whatever crash, is told the same.
 */
export function noticesOf(run: RunPicture, rule: StallRule): RunNotice[] {
	const base = { runId: run.runId, name: run.name, progress: run.progress, usage: run.usage };
	const found = [...runNotices(run, rule), ...run.steps.flatMap(stepNotices)];
	return found
		.map((notice) => ({ ...base, ...notice, id: `${run.runId}/${notice.id}` }))
		.sort((one, other) => one.at - other.at);
}

type Found = Pick<RunNotice, 'id' | 'type' | 'at'> & Partial<RunNotice>;

function runNotices(run: RunPicture, { now, stalledAfterMs }: StallRule): Found[] {
	const { status, createdAt, updatedAt, endedAt = updatedAt, error, message } = run;
	const told = { ...(error && { error }), ...(message !== undefined && { message }) };
	const found: Found[] = [{ id: 'started', type: 'run.started', at: createdAt }];
	if (isRunEnded(status)) {
		const type = ENDS[status] ?? 'run.failed';
		// A run that is taken up again ends again, at another time.
		found.push({ ...told, id: `${status}@${endedAt}`, type, at: endedAt });
	}
	if (status === 'paused') {
		found.push({ ...told, id: `paused@${updatedAt}`, type: 'run.paused', at: updatedAt });
	}
	if (status === 'running' && now - updatedAt >= stalledAfterMs) {
		const at = updatedAt + stalledAfterMs;
		found.push({ ...told, id: stallId(updatedAt), type: 'run.stalled', at });
	}
	for (const { at, error: reason } of run.budgetReached) {
		found.push({ id: `budget@${at}`, type: 'budget.reached', at, error: reason });
	}
	for (const { requestId, title, openedAt } of run.reviews) {
		found.push({ id: `asked/${requestId}`, type: 'person.asked', at: openedAt, message: title });
	}
	return found;
}

/** Names one silence of a run. */
export function stallId(updatedAt: number): string {
	return `stalled@${updatedAt}`;
}

const ENDS: Partial<Record<RunPicture['status'], NoticeType>> = {
	completed: 'run.completed',
	cancelled: 'run.cancelled',
};

/** Items of a node are not told one by one: there may be ten thousand. */
function stepNotices(picture: StepPicture): Found[] {
	const { path: step, kind, status, startedAt, endedAt, error } = picture;
	if (kind === ITEM) return [];
	const found: Found[] = [];
	if (startedAt !== undefined) {
		found.push({ id: `${step}/started@${startedAt}`, type: 'step.started', at: startedAt, step });
	}
	if (!isStepEnded(status) || endedAt === undefined) return found;
	const id = `${step}/${status}@${endedAt}`;
	if (status === 'completed') found.push({ id, type: 'step.completed', at: endedAt, step });
	if (status === 'failed' || status === 'timed_out') {
		found.push({ id, type: 'step.failed', at: endedAt, step, ...(error && { error }) });
	}
	return found;
}
