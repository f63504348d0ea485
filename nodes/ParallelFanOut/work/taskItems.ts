import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { isJsonObject, show, ValidationError } from '../../../lib';

/**
 * The items that an execution is given: its input items, or what *Task Input* makes of them. Files
 * of the input items go along.
 *
 * @param taskInput - an object for one item, a list of objects for several; undefined for none given
 * @throws {ValidationError} when it is anything else
 */
export function taskItems(
	input: readonly INodeExecutionData[],
	taskInput: unknown,
): INodeExecutionData[] {
	if (taskInput === undefined) return [...input];
	const list = Array.isArray(taskInput) ? (taskInput as unknown[]) : [taskInput];
	return list.map((json, index) => {
		if (!isJsonObject(json)) {
			throw new ValidationError(
				`Task Input has to be an object or a list of objects, received ${show(json)}.`,
			);
		}
		const { binary } = input[index] ?? {};
		return { json: json as IDataObject, ...(binary && { binary }) };
	});
}
