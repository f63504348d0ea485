import type { IExecuteFunctions } from 'n8n-workflow';

import { isJsonObject } from '../../lib';
import { parameterReader } from '../shared/parameters';
import { groupItems } from './groups';
import type { ItemGroup } from './groups';
import { keySchema } from './parameters';
import type { Settings } from './parameters';
import { properties } from './properties';
import type { Task, Work } from './task';

/**
 * The tasks of all input items, in their order. An item whose parameters cannot be used gives one
 * task that fails with the reason, so that the other items are not lost.
 */
export function planTasks(context: IExecuteFunctions, work: Work, settings: Settings): Task[] {
	const itemCount = context.getInputData().length;
	const read = parameterReader(context, keySchema, properties);
	const groups = groupItems(
		itemCount,
		settings.options.itemsPerTask,
		isGiven(context, 'groupBy') ? (itemIndex) => read(itemIndex).options.groupBy : undefined,
	);
	return groups.flatMap((group, position) => {
		try {
			const { taskKey, limitKey, priority, needs } = read(group.itemIndexes[0]!).options;
			const groupKey = taskKey || (group.name ?? String(position));
			return work.tasksOf(group.itemIndexes).map(({ name, ...task }) => ({
				...task,
				itemIndexes: group.itemIndexes,
				key: keyOf(groupKey, name, groups.length),
				...(limitKey === '' ? {} : { limitKey }),
				...(priority && { priority }),
				...(needs && { needs }),
			}));
		} catch (error) {
			return [failingTask(group, position, error)];
		}
	});
}

/** Whether the user has added an option, whatever it gives. */
function isGiven(context: IExecuteFunctions, option: string): boolean {
	const raw: unknown = context.getNode().parameters.options;
	return isJsonObject(raw) && raw[option] !== undefined && raw[option] !== '';
}

/** The name alone when there is one input item, so that a list of roles gives keys by role. */
function keyOf(groupKey: string, name: string | undefined, groupCount: number): string {
	if (name === undefined) return groupKey;
	return groupCount === 1 ? name : `${groupKey}/${name}`;
}

function failingTask({ name, itemIndexes }: ItemGroup, position: number, error: unknown): Task {
	return {
		key: name ?? String(position),
		itemIndexes,
		input: null,
		run: async () => await Promise.reject(error),
	};
}
