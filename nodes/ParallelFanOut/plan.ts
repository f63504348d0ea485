import type { IExecuteFunctions } from 'n8n-workflow';

import { parameterReader } from '../shared/parameters';
import { keySchema } from './parameters';
import { properties } from './properties';
import type { Task, Work } from './task';

/**
 * The tasks of all input items, in their order. An item whose parameters cannot be used gives one
 * task that fails with the reason, so that the other items are not lost.
 */
export function planTasks(context: IExecuteFunctions, work: Work): Task[] {
	const itemCount = context.getInputData().length;
	const readKey = parameterReader(context, keySchema, properties);
	return Array.from({ length: itemCount }, (_, itemIndex) => {
		try {
			const itemKey = readKey(itemIndex).options.taskKey || String(itemIndex);
			return work.tasksOf(itemIndex).map(({ name, ...task }) => ({
				...task,
				itemIndex,
				key: keyOf(itemKey, name, itemCount),
			}));
		} catch (error) {
			return [failingTask(itemIndex, error)];
		}
	}).flat();
}

/** The name alone when there is one input item, so that a list of roles gives keys by role. */
function keyOf(itemKey: string, name: string | undefined, itemCount: number): string {
	if (name === undefined) return itemKey;
	return itemCount === 1 ? name : `${itemKey}/${name}`;
}

function failingTask(itemIndex: number, error: unknown): Task {
	return {
		key: String(itemIndex),
		itemIndex,
		input: null,
		run: async () => await Promise.reject(error),
	};
}
