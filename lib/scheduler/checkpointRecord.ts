import { z } from 'zod';

import { RUN_STATUSES, stepRecordSchema } from '../run';

/** A run as plain JSON: everything another process needs to go on. Never functions or secrets. */
export const runCheckpointSchema = z.object({
	schemaVersion: z.literal(1),
	runId: z.string(),
	/** Name of the graph. */
	name: z.string(),
	/** Milliseconds since the epoch. */
	createdAt: z.number(),
	status: z.enum(RUN_STATUSES),
	input: z.unknown(),
	/** One record a step that takes part, in the order of definition. */
	steps: z.array(stepRecordSchema),
	/** Earlier executions of steps that ran more than once. */
	history: z.array(stepRecordSchema),
	/** Ids of completed steps, in completion order. */
	completed: z.array(z.string()),
	/** Ids of the steps that are ready or queued, first to go first. */
	queue: z.array(z.string()),
	/** Number of the last event. */
	seq: z.number().int().nonnegative(),
	/** What is left of the run's time limit, in milliseconds. */
	remainingMs: z.number().optional(),
	/** Data of the caller. */
	snapshot: z.unknown().optional(),
	/** Circuits and pauses of services: an `EndpointsState`. */
	endpoints: z.unknown().optional(),
	/** State of the budget's ledger, for `BudgetLedger.restore`. */
	budget: z.unknown().optional(),
	/** SHA-256 of all the rest. */
	checksum: z.string(),
});
export type RunCheckpoint = z.infer<typeof runCheckpointSchema>;
