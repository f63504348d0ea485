import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { noUsage } from '../../lib';
import type { FanOutTask, Json, Redactor, SerializedError } from '../../lib';
import type { Task, TaskReport } from './task';

/** What the tasks of a run told, by their index. */
export class Reports {
	private readonly told = new Map<number, TaskReport>();

	/** Adds to what a task told before; what is told again replaces it. */
	add(index: number, report: TaskReport): void {
		this.told.set(index, { ...this.told.get(index), ...report });
	}

	of(index: number): TaskReport {
		return this.told.get(index) ?? {};
	}
}

/** What was planned, and what the tasks told. */
export interface Plan {
	tasks: readonly Task[];
	reports: Reports;
	redact: Redactor;
}

/** The item for one task: the same shape on both outputs. */
export function taskItem(
	ended: FanOutTask<Json>,
	{ tasks, reports, redact }: Plan,
): INodeExecutionData {
	const { itemIndexes } = tasks[ended.index]!;
	const report = reports.of(ended.index);
	const { usage = noUsage(), attempts = ended.attempts, subExecution, reused = false } = report;
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
	};
	return {
		json,
		pairedItem: pairedWith(itemIndexes),
		...(subExecution === undefined ? {} : { metadata: { subExecution } }),
	};
}

/** The input items that an output item comes from. */
export function pairedWith(itemIndexes: readonly number[]): INodeExecutionData['pairedItem'] {
	const paired = itemIndexes.map((item) => ({ item }));
	return paired.length === 1 ? paired[0] : paired;
}

/** What went wrong, without secrets; `null` for a completed task with a result of its own. */
function errorOf(
	{ error: ownError, cause }: FanOutTask<Json>,
	failure: SerializedError | undefined,
	redact: Redactor,
): IDataObject | null {
	const error = ownError ?? failure;
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
