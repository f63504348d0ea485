import type { INodeExecutionData } from 'n8n-workflow';
import type { z } from 'zod';

import type { PendingQuery, PendingReview, Store, WorkflowManager } from '../../lib';

/** What an operation works with, for one item. */
export interface ItemContext {
	manager: WorkflowManager;
	store: Store;
	/** Whose executions there are; unset for everybody's. */
	caller?: string;
	/** Reviews of Human Review nodes that wait for people. */
	openReviews(query: Omit<PendingQuery, 'now'>): Promise<PendingReview[]>;
	/** Aborts when the execution of the node is stopped. */
	signal: AbortSignal;
}

/** One operation of the node. */
export interface Operation<Schema extends z.AnyZodObject = z.AnyZodObject> {
	/** The parameters it reads. */
	schema: Schema;
	/** Does the work for one item. */
	run(parameters: z.infer<Schema>, context: ItemContext): Promise<INodeExecutionData[]>;
}

/** Keeps an operation's own parameter type while they all live in one table. */
export function operation<Schema extends z.AnyZodObject>(
	definition: Operation<Schema>,
): Operation<Schema> {
	return definition;
}

/** One item. */
export function item(json: object): INodeExecutionData[] {
	return [{ json: { ...json } }];
}
