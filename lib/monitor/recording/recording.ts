import { z } from 'zod';

import type { Json } from '../../core';
import { RUN_STATUSES, serializedErrorSchema } from '../../run';

const json = z.custom<Json>((value) => value !== undefined);

/** Something a step asked the world, and the answer. */
export const recordedCallSchema = z.object({
	/** Path of the step that asked. */
	path: z.string(),
	/** What was asked: a model, a tool, a search, … */
	port: z.string(),
	/** Which one of them, e.g. the name of the model. */
	name: z.string(),
	request: json,
	/** Milliseconds from the start of the run to the question, and from there to the answer. */
	atMs: z.number(),
	tookMs: z.number(),
	response: json.optional(),
	error: serializedErrorSchema.optional(),
});
export type RecordedCall = z.infer<typeof recordedCallSchema>;

/** An event of the run, as it was told. */
export const recordedEventSchema = z.object({
	seq: z.number(),
	at: z.number(),
	type: z.string(),
	stepPath: z.string().optional(),
	attempt: z.number().optional(),
	data: z.record(z.unknown()).optional(),
});

/** How the run and its steps ended: what a replay must give again. */
export const outcomeSchema = z.object({
	status: z.enum(RUN_STATUSES),
	output: json,
	error: z.string().optional(),
	steps: z.array(z.object({ stepId: z.string(), status: z.string(), attempts: z.number() })),
});
export type RecordedOutcome = z.infer<typeof outcomeSchema>;

/** A run with everything it was told from outside, as one JSON file. */
export const recordingSchema = z.object({
	format: z.literal('agent-swarm-recording'),
	schemaVersion: z.literal(1),
	runId: z.string(),
	name: z.string(),
	workflowId: z.string(),
	/** Milliseconds since the epoch. */
	startedAt: z.number(),
	definition: z.unknown(),
	/** Name of the workflow type, when it is written in code. */
	workflowType: z.string().optional(),
	input: json,
	metadata: z.record(z.unknown()),
	calls: z.array(recordedCallSchema),
	events: z.array(recordedEventSchema),
	outcome: outcomeSchema,
});

/** See {@link recordingSchema}. */
export type Recording = z.infer<typeof recordingSchema>;
