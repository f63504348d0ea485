import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { compensate, hashOf, serializeError } from '../../lib';
import type { FanOutResult, Json, Ledger } from '../../lib';
import { n8nRuntime } from '../shared/runtime';
import { openSteps } from '../shared/steps';
import type { Settings } from './parameters';
import type { Reports } from './reports';
import type { EndedTask, Task } from './task';
import { runSubWorkflow } from './work/subWorkflow';

/** Longest time of one attempt to undo a task, in milliseconds. */
const UNDO_LIMIT_MS = 10 * 60_000;

/** Beside the path of a task that was undone. */
const UNDONE = 'undone';

/** Where tasks are recorded: one that was undone is recorded anew, next to what it was before. */
export function taskPaths(ledger: Ledger, part: string): (key: string) => string {
	const undone = new Set<string>();
	for (const { record } of ledger.entries()) {
		if (record.path.endsWith(`/${UNDONE}`)) undone.add(record.path);
	}
	if (undone.size === 0) return (key) => key;
	return (key) => {
		let path = key;
		for (let round = 2; undone.has(`${part}/${path}/${UNDONE}`); round++) path = `${key}@${round}`;
		return path;
	};
}

/**
 * When the whole has failed, gives every completed task to the workflow that undoes it, the last
 * completed first.
 *
 * @param completedOrder - indexes of tasks in the order in which they ended
 * @returns the tasks, with what is undone marked so
 */
export async function undoCompleted(
	context: IExecuteFunctions,
	{ options: { undoWorkflowId } }: Settings,
	tasks: readonly Task[],
	reports: Reports,
	result: FanOutResult<Json>,
	completedOrder: readonly number[],
): Promise<EndedTask[]> {
	if (undoWorkflowId === '' || result.outcome !== 'failure') return result.tasks;
	const failures = new Map<number, unknown>();
	const undone = new Set<number>();
	const completed = completedOrder.filter((index) => result.tasks[index]!.status === 'completed');
	const { failed } = await compensate(
		completed.map((index) => ({
			stepPath: String(index),
			run: async ({ signal }) => {
				const item = undoItem(context, tasks[index]!, result.tasks[index]!);
				const call = { signal, report: () => undefined };
				await runSubWorkflow(context, undoWorkflowId, [item], call);
			},
		})),
		n8nRuntime,
		{
			cleanupTimeoutMs: UNDO_LIMIT_MS,
			onStatus: async (path, status) => {
				if (status !== 'done') return;
				undone.add(Number(path));
				await recordUndone(context, tasks[Number(path)]!);
			},
		},
	);
	for (const { stepPath, error } of failed) failures.set(Number(stepPath), error);
	return result.tasks.map((task) => {
		if (undone.has(task.index)) return { ...task, status: 'undone' };
		if (!failures.has(task.index)) return task;
		const failure = serializeError(failures.get(task.index));
		const message = `The task completed and could not be undone: ${failure.message}`;
		reports.add(task.index, { failure: { ...failure, code: 'NOT_UNDONE', message } });
		return task;
	});
}

function undoItem(
	context: IExecuteFunctions,
	{ key, itemIndexes }: Task,
	{ index, result = null }: EndedTask,
): INodeExecutionData {
	const items = context.getInputData();
	const input = itemIndexes.map((itemIndex) => items[itemIndex]!.json);
	return { json: { key, index, result, input } as INodeExecutionData['json'] };
}

/** What was undone is not taken from the record again. */
async function recordUndone(context: IExecuteFunctions, task: Task): Promise<void> {
	const { ledger, part } = await openSteps(context, task.itemIndexes[0]!);
	const path = `${part}/${taskPaths(ledger, part)(task.key)}/${UNDONE}`;
	await ledger.completed(path, hashOf(task.input), { output: null, attempt: 1, order: 0 });
}
