import type { INodeExecutionData } from 'n8n-workflow';
import type { z } from 'zod';

import { isJsonObject } from '../../lib';
import type { CheckpointInfo, Json, JsonObject, Store } from '../../lib';

/** What an operation works with, for one item. */
export interface ItemContext {
	item: INodeExecutionData;
	/** Opened when the first item needs it. */
	store: Store;
	runKey: string;
	/** This execution, as others see it. */
	owner: string;
}

/** An item for one of the node's outputs. */
export interface Routed {
	/** Default 0. */
	output?: number;
	item: INodeExecutionData;
}

/** One operation of the node. */
export interface Operation<Schema extends z.AnyZodObject = z.AnyZodObject> {
	/** The parameters it reads. */
	schema: Schema;
	/** How many items to work on at the same time. Default 20. */
	atOnce?: number;
	/** Reads no *Run Key*. Default false. */
	withoutRun?: boolean;
	/** Does the work for one item. */
	run(parameters: z.infer<Schema>, context: ItemContext): Promise<Routed[]>;
}

/** Keeps an operation's own parameter type while they all live in one table. */
export function operation<Schema extends z.AnyZodObject>(
	definition: Operation<Schema>,
): Operation<Schema> {
	return definition;
}

/** Saved data as an item again: an object as it is, anything else under `data`. */
export function restored(state: Json, checkpoint: CheckpointInfo): INodeExecutionData {
	const json: JsonObject = isJsonObject(state) ? state : { data: state };
	return { json: { ...json, checkpoint: shown(checkpoint) } } as INodeExecutionData;
}

/** What is worth knowing of a checkpoint, for items. */
export function shown({ runKey, name, version, savedAt, bytes }: CheckpointInfo): JsonObject {
	return { runKey, name, version, savedAt: new Date(savedAt).toISOString(), bytes };
}
