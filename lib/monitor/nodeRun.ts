import { addUsage, noUsage } from '../core';
import {
	isRunEnded,
	partDetail,
	type LedgerRecord,
	type RunPart,
	type RunStatus,
	type RunSummary,
	type StepStatus,
} from '../run';
import type { PictureError, RunLine, RunPicture, StepPicture } from './runPicture';
import { recordedStep } from './stepPictures';
import { duration } from './words';

/** More steps than this are not drawn; the page says how many there are. */
const MAX_STEPS = 2000;

/** What a node has recorded of one item, as a kind of step. */
export const ITEM = 'item';

/** A run of nodes in a list. */
export function nodeRunLine(run: RunSummary): RunLine {
	const { runId, status, createdAt, updatedAt, usage } = run;
	const parts = Object.values(run.parts);
	const message = parts.find(({ status: state }) => state === status)?.message;
	return {
		runId,
		name: runId,
		status,
		progress: progressOf(parts),
		createdAt,
		updatedAt,
		usage,
		...(message !== undefined && { message }),
		...(isRunEnded(status) && { endedAt: updatedAt }),
	};
}

function progressOf(parts: readonly RunPart[]): number {
	if (parts.length === 0) return 0;
	const each = parts.map(({ status, progress = 0 }) => (status === 'completed' ? 100 : progress));
	return each.reduce((sum, progress) => sum + progress, 0) / parts.length;
}

/** The nodes of a run, each followed by what it has recorded. */
export function nodeRunSteps(
	run: RunSummary,
	records: ReadonlyMap<string, LedgerRecord>,
): StepPicture[] {
	const byNode = new Map<string, StepPicture[]>(
		Object.entries(run.parts).map(([node, part]) => [
			node,
			[nodeStep(node, part), ...openSteps(node, part)],
		]),
	);
	const open = new Set([...byNode.values()].flat().map(({ path }) => path));
	for (const record of [...records.values()].slice(0, MAX_STEPS)) {
		// What was recorded of it before, such as a failure, is being done again.
		if (open.has(record.path)) continue;
		const node = ownerOf(record.path, run);
		const own = byNode.get(node);
		const step = recordedStep(record);
		if (own === undefined) byNode.set(node, [step]);
		else own.push({ ...step, kind: ITEM, after: run.parts[node] === undefined ? [] : [node] });
	}
	return [...byNode.values()].flat();
}

/** What a node is at, or waits for: nothing is recorded of it yet. */
function openSteps(node: string, part: RunPart): StepPicture[] {
	if (isRunEnded(part.status)) return [];
	return partDetail(part).open.map(({ step, since, waitsFor }) => ({
		path: `${node}/${step}`,
		kind: ITEM,
		status: waitsFor === undefined ? 'running' : 'waiting',
		attempts: 1,
		after: [node],
		startedAt: since,
		reused: false,
		...(waitsFor !== undefined && { blockedBy: `Waits for execution ${waitsFor}` }),
	}));
}

/** The node that a path belongs to; names of nodes may themselves hold slashes. */
function ownerOf(path: string, { parts }: RunSummary): string {
	for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
		if (parts[path.slice(0, end)] !== undefined) return path.slice(0, end);
	}
	return path.split('/', 1)[0]!;
}

const AS_STEP: Partial<Record<RunStatus, StepStatus>> = {
	pausing: 'running',
	cancelling: 'running',
	paused: 'waiting',
};

function nodeStep(node: string, part: RunPart): StepPicture {
	const { status, startedAt, updatedAt, usage, error } = part;
	const message = messageOf(part);
	return {
		path: node,
		kind: 'node',
		status: AS_STEP[status] ?? (status as StepStatus),
		attempts: 1,
		after: [],
		startedAt,
		reused: false,
		...(isRunEnded(status) && { endedAt: updatedAt }),
		...(message !== undefined && { message }),
		...(usage && { usage }),
		...(error && { error: pictureError(error) }),
	};
}

/** What a node said last, and which of its steps took longest. */
function messageOf(part: RunPart): string | undefined {
	const { slowest } = partDetail(part);
	if (slowest === undefined || part.message === undefined) return part.message;
	return `${part.message}; slowest: ${slowest.step} (${duration(slowest.durationMs)})`;
}

/** What recorded results have saved in all nodes together. */
export function savedBy({ parts }: RunSummary): NonNullable<RunPicture['saved']> {
	return Object.values(parts).reduce(
		(sum, { saved }) =>
			saved === undefined
				? sum
				: { steps: sum.steps + saved.steps, usage: addUsage(sum.usage, saved.usage) },
		{ steps: 0, usage: noUsage() },
	);
}

/** When the budgets of nodes ended their work, or cut it short; oldest first. */
export function budgetsOf({ parts }: RunSummary): RunPicture['budgetReached'] {
	return Object.values(parts)
		.flatMap(({ budgetReached, error, updatedAt }) => {
			if (budgetReached !== undefined) return [budgetReached];
			return error?.errorClass === 'budget' ? [{ at: updatedAt, error }] : [];
		})
		.map(({ at, error }) => ({ at, error: pictureError(error) }))
		.sort((one, other) => one.at - other.at);
}

/** What a reader needs of an error. */
export function pictureError({ code, errorClass, message, hint }: PictureError): PictureError {
	return {
		...(code !== undefined && { code }),
		...(errorClass !== undefined && { errorClass }),
		message,
		...(hint !== undefined && { hint }),
	};
}
