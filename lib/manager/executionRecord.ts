import { z } from 'zod';

import { parse, parseJson } from '../core';
import { causeSchema, RUN_STATUSES, serializedErrorSchema } from '../run';

const usageSchema = z.object({
	inputTokens: z.number(),
	outputTokens: z.number(),
	totalTokens: z.number(),
	costUsd: z.number().nullable(),
	calls: z.number(),
});

/** One execution as it is stored: everything that status pages show and that resuming needs. */
export const executionSchema = z.object({
	schemaVersion: z.literal(1),
	runId: z.string(),
	/** Id of the stored workflow, or name of the workflow type. */
	workflowId: z.string(),
	workflowVersion: z.number().int().positive().optional(),
	/** Set when the workflow is written in code. */
	workflowType: z.string().optional(),
	name: z.string(),
	/** The definition it runs; none for workflows written in code. */
	definition: z.unknown().optional(),
	status: z.enum(RUN_STATUSES),
	outcome: z.enum(['success', 'partial', 'failure']).optional(),
	/** 0 to 100. */
	progress: z.number(),
	/** The step that reported last, and what it said. */
	step: z.string().optional(),
	stepDescription: z.string().optional(),
	steps: z.array(
		z.object({
			stepId: z.string(),
			status: z.string(),
			attempts: z.number(),
			error: z.string().optional(),
			blockedBy: z
				.object({ kind: z.string(), detail: z.string(), since: z.number().optional() })
				.optional(),
			/** Which execution of the step: 1, 2, … */
			iteration: z.number().optional(),
			/** Milliseconds since the epoch. */
			startedAt: z.number().optional(),
			endedAt: z.number().optional(),
			/** Taken from the record instead of being run. */
			reused: z.boolean().optional(),
			/** What its model calls have used. */
			usage: usageSchema.optional(),
		}),
	),
	/** What the model calls of all steps have used. */
	usage: usageSchema.optional(),
	/** What people are asked now. */
	requests: z.array(
		z.object({
			requestId: z.string(),
			name: z.string(),
			payload: z.unknown().optional(),
			openedAt: z.number(),
			expiresAt: z.number().optional(),
		}),
	),
	input: z.unknown(),
	output: z.unknown().optional(),
	error: serializedErrorSchema.optional(),
	cause: causeSchema.optional(),
	/** When a budget ended work, or cut it short, for the first time. */
	budgetReached: z.object({ at: z.number(), error: serializedErrorSchema }).optional(),
	metadata: z.record(z.unknown()),
	idempotencyKey: z.string().optional(),
	/** Longest time of this execution, in milliseconds, when its start said so. */
	timeoutMs: z.number().optional(),
	/** Where a paused execution goes on. */
	checkpoint: z.unknown().optional(),
	/** When a wait of an execution that nobody runs meanwhile ends by itself. */
	wakeAt: z.number().optional(),
	/** Whose it is: a hash of what the caller gave. Only set for callers that have a name. */
	owner: z.string().optional(),
	/** How its version differs from the one before, by the ids of the steps; none while it has its first. */
	change: z
		.object({
			added: z.array(z.string()),
			removed: z.array(z.string()),
			changed: z.array(z.object({ stepId: z.string(), fields: z.array(z.string()) })),
			settings: z.array(z.string()),
		})
		.optional(),
	/** How often it began again with another version. Default 0. */
	restarts: z.number().int().positive().optional(),
	/** How often it was taken up again after its process had died. */
	recoveries: z.number().int().nonnegative(),
	/** Milliseconds since the epoch. */
	createdAt: z.number(),
	startedAt: z.number().optional(),
	endedAt: z.number().optional(),
	updatedAt: z.number(),
});

/** See {@link executionSchema}. */
export type ExecutionRecord = z.infer<typeof executionSchema>;

/** Which version of its workflow an execution runs. */
export type ExecutionVersion = Pick<
	ExecutionRecord,
	'definition' | 'workflowVersion' | 'change' | 'restarts'
>;

/**
 * What the paths of an execution's steps begin with in its ledger. One that has begun again shares no
 * results, answers or undone work with what it was before; no step's own path begins like this.
 */
export function ledgerPrefix({ restarts }: Pick<ExecutionRecord, 'restarts'>): string {
	return restarts === undefined ? '' : `#${restarts}/`;
}

/** Reads a stored execution. */
export function readExecution(value: string): ExecutionRecord {
	return parse(executionSchema, parseJson(value), 'Stored execution');
}
