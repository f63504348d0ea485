import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { addUsage, combineResults, noUsage } from '../../lib';
import type { CombineMode, Combined } from '../../lib';
import { pairedWith } from './pairedWith';
import type { Plan } from './reports';
import type { Settings } from './parameters';
import type { EndedTask as Ended } from './task';

/**
 * One item for all results, or one per input item when each has a list of tasks. Nothing for an
 * item none of whose tasks completed: there is no result to go on with.
 */
export function combinedItems(
	ended: readonly Ended[],
	plan: Plan,
	settings: Settings,
	mode: CombineMode,
): INodeExecutionData[] {
	const groups = new Map<number, Ended[]>();
	for (const task of ended) {
		const item = listsTasks(settings) ? plan.tasks[task.index]!.itemIndexes[0]! : 0;
		groups.set(item, [...(groups.get(item) ?? []), task]);
	}
	return [...groups.values()].flatMap((tasks) => combinedItem(tasks, plan, settings, mode));
}

function listsTasks({ work, tasksFrom }: Settings): boolean {
	return work === 'agentPrompt' && tasksFrom === 'list';
}

function combinedItem(
	ended: readonly Ended[],
	{ tasks, reports, redact }: Plan,
	{ options }: Settings,
	mode: CombineMode,
): INodeExecutionData[] {
	const completed = ended.filter(({ status }) => status === 'completed');
	if (completed.length === 0) return [];
	const results = completed.map(({ key, result = null }) => ({ key, result }));
	const { result, ...facts } = combineResults(results, mode, options.scoreField);
	const usage = ended.reduce(
		(sum, { index }) => addUsage(sum, reports.of(index).usage ?? noUsage()),
		noUsage(),
	);
	const json: Combined & object = { result: redact.json(result), ...facts };
	return [
		{
			json: {
				...(json as unknown as IDataObject),
				completed: completed.length,
				failed: ended.length - completed.length,
				usage: { ...usage },
			},
			pairedItem: pairedWith([
				...new Set(completed.flatMap(({ index }) => tasks[index]!.itemIndexes)),
			]),
		},
	];
}
