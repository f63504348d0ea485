import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { noUsage } from '../../lib';
import type { Json, Redactor, SerializedError } from '../../lib';
import { combinedItems } from './combined';
import { pairedWith } from './pairedWith';
import type { Settings } from './parameters';
import type { Plan } from './reports';
import type { EndedTask } from './task';

/** What leaves the node: completed tasks by the first output, the others, if any, by the second. */
export function outputsOf(
	settings: Settings,
	plan: Plan,
	tasks: readonly EndedTask[],
): INodeExecutionData[][] {
	const { combine, onTaskFailure } = settings.options;
	const items = (completed: boolean) =>
		tasks
			.filter(({ status }) => (status === 'completed') === completed)
			.map((ended) => taskItem(ended, plan));
	const done = combine === 'items' ? items(true) : combinedItems(tasks, plan, settings, combine);
	return [done, onTaskFailure === 'drop' ? [] : items(false)];
}

/** The item for one task: the same shape on both outputs. */
export function taskItem(ended: EndedTask, { tasks, reports, redact }: Plan): INodeExecutionData {
	const { itemIndexes } = tasks[ended.index]!;
	const report = reports.of(ended.index);
	const { usage = noUsage(), attempts = ended.attempts, subExecution, reused = false } = report;
	const { binary, saved } = report;
	const json: IDataObject = {
		key: ended.key,
		index: ended.index,
		status: ended.status,
		result: redact.json(ended.result ?? null) as IDataObject[string],
		error: errorOf(ended, report.failure, redact),
		attempts,
		durationMs: Math.round(ended.durationMs),
		usage: { ...usage },
		reused,
		...(saved === undefined ? {} : { saved: { ...saved } }),
	};
	return {
		json,
		pairedItem: pairedWith(itemIndexes),
		...(subExecution === undefined ? {} : { metadata: { subExecution } }),
		...(binary && { binary }),
	};
}

/** What went wrong, without secrets; `null` for a completed task with a result of its own. */
function errorOf(
	{ status, error: ownError, cause }: EndedTask,
	failure: SerializedError | undefined,
	redact: Redactor,
): IDataObject | null {
	const error = ownError ?? failure;
	if (error !== undefined) return redact.json({ ...error } as unknown as Json) as IDataObject;
	if (status === 'undone') return { ...UNDONE };
	if (cause === undefined) return null;
	const stopped: SerializedError = {
		code:
			status in STATUS_CODES
				? STATUS_CODES[status]!
				: cause.kind === 'timeout'
					? 'TIMEOUT'
					: 'CANCELLED',
		errorClass: cause.kind === 'timeout' ? 'timeout' : 'abort',
		message: cause.message,
		retryable: false,
	};
	return { ...stopped };
}

/** Codes of those that were neither stopped nor too slow. */
const STATUS_CODES: Readonly<Record<string, string>> = { skipped: 'SKIPPED', late: 'LATE' };

const UNDONE: SerializedError = {
	code: 'UNDONE',
	errorClass: 'abort',
	message: 'The task had completed; it was undone because the whole failed.',
	retryable: false,
};
