import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { noUsage } from '../../lib';
import type { FanOutTask, Json, Redactor, SerializedError } from '../../lib';
import type { Task, TaskReport } from './task';

/** What was planned, and what the tasks told. */
export interface Plan {
	tasks: readonly Task[];
	/** By index of the task. */
	reports: ReadonlyMap<number, TaskReport>;
	redact: Redactor;
}

/** The item for one task: the same shape on both outputs. */
export function taskItem(
	ended: FanOutTask<Json>,
	{ tasks, reports, redact }: Plan,
): INodeExecutionData {
	const { itemIndex } = tasks[ended.index]!;
	const report = reports.get(ended.index) ?? {};
	const { usage = noUsage(), attempts = ended.attempts, subExecution, reused = false } = report;
	const json: IDataObject = {
		key: ended.key,
		index: ended.index,
		status: ended.status,
		result: redact.json(ended.result ?? null) as IDataObject[string],
		error: errorOf(ended, redact),
		attempts,
		durationMs: Math.round(ended.durationMs),
		usage: { ...usage },
		reused,
	};
	return {
		json,
		pairedItem: { item: itemIndex },
		...(subExecution === undefined ? {} : { metadata: { subExecution } }),
	};
}

/** What went wrong, without secrets; `null` for a completed task. */
function errorOf({ error, cause }: FanOutTask<Json>, redact: Redactor): IDataObject | null {
	if (error !== undefined) return redact.json({ ...error } as unknown as Json) as IDataObject;
	if (cause === undefined) return null;
	const stopped: SerializedError = {
		code: cause.kind === 'timeout' ? 'TIMEOUT' : 'CANCELLED',
		errorClass: cause.kind === 'timeout' ? 'timeout' : 'abort',
		message: cause.message,
		retryable: false,
	};
	return { ...stopped };
}
