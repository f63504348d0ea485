import { z } from 'zod';

import { ERROR_CLASSES } from '../core';

/** What a run is doing. `completed`, `failed`, `cancelled` and `timed_out` are final. */
export const RUN_STATUSES = [
	'pending',
	'running',
	'waiting',
	'pausing',
	'paused',
	'cancelling',
	'completed',
	'failed',
	'cancelled',
	'timed_out',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** How a run went: `partial` is completed although steps that nobody insisted on failed. */
export type RunOutcome = 'success' | 'partial' | 'failure';

/** What a step is doing. The last five are final for this execution of the step. */
export const STEP_STATUSES = [
	'pending',
	'blocked',
	'ready',
	'queued',
	'running',
	'backing_off',
	'waiting',
	'completed',
	'failed',
	'skipped',
	'cancelled',
	'timed_out',
] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

/** A status from which a step does not move any more. */
export type EndStatus = Extract<
	StepStatus,
	'completed' | 'failed' | 'skipped' | 'cancelled' | 'timed_out'
>;

const ENDED_STEP: ReadonlySet<StepStatus> = new Set<EndStatus>([
	'completed',
	'failed',
	'skipped',
	'cancelled',
	'timed_out',
]);

const ENDED_RUN: ReadonlySet<RunStatus> = new Set<RunStatus>([
	'completed',
	'failed',
	'cancelled',
	'timed_out',
]);

/** Whether a step with this status has ended. */
export function isStepEnded(status: StepStatus): status is EndStatus {
	return ENDED_STEP.has(status);
}

/** Whether a run with this status has ended. */
export function isRunEnded(status: RunStatus): boolean {
	return ENDED_RUN.has(status);
}

/** The five run states of the documented agent API. */
export type DocumentedRunStatus = 'IDLE' | 'RUNNING' | 'PAUSED' | 'COMPLETED' | 'FAILED';

/** The eight state statuses of the documented agent API. */
export type DocumentedStepStatus =
	| 'PENDING'
	| 'READY'
	| 'RUNNING'
	| 'COMPLETED'
	| 'FAILED'
	| 'BLOCKED'
	| 'CANCELLED'
	| 'TIMEOUT';

const DOCUMENTED_RUN: Readonly<Record<RunStatus, DocumentedRunStatus>> = {
	pending: 'IDLE',
	running: 'RUNNING',
	waiting: 'RUNNING',
	pausing: 'RUNNING',
	paused: 'PAUSED',
	cancelling: 'RUNNING',
	completed: 'COMPLETED',
	failed: 'FAILED',
	cancelled: 'FAILED',
	timed_out: 'FAILED',
};

const DOCUMENTED_STEP: Readonly<Record<StepStatus, DocumentedStepStatus>> = {
	pending: 'PENDING',
	blocked: 'BLOCKED',
	ready: 'READY',
	queued: 'READY',
	running: 'RUNNING',
	backing_off: 'RUNNING',
	waiting: 'RUNNING',
	completed: 'COMPLETED',
	failed: 'FAILED',
	skipped: 'CANCELLED',
	cancelled: 'CANCELLED',
	timed_out: 'TIMEOUT',
};

/** A run's status in the words of the documented agent API. */
export function documentedStatus(status: RunStatus): DocumentedRunStatus {
	return DOCUMENTED_RUN[status];
}

/** A step's status in the words of the documented agent API. */
export function documentedStepStatus(status: StepStatus): DocumentedStepStatus {
	return DOCUMENTED_STEP[status];
}

export const causeSchema = z.object({
	kind: z.enum([
		'user',
		'timeout',
		'budget',
		'dependency',
		'sibling',
		'preempted',
		'shutdown',
		'superseded',
		'breaker',
		'quota',
	]),
	byStepId: z.string().optional(),
	message: z.string(),
	at: z.number(),
});

export const serializedErrorSchema = z.object({
	code: z.string(),
	errorClass: z.enum(ERROR_CLASSES),
	message: z.string(),
	retryable: z.boolean(),
	hint: z.string().optional(),
	details: z.record(z.unknown()).optional(),
});

/** Something a suspended step waits for: a person's answer or a signal from outside. */
export const suspensionSchema = z.object({
	/** Unique in the run; answers name it. */
	requestId: z.string(),
	/** The name the step gave it. */
	name: z.string(),
	/** What whoever answers needs to see. */
	payload: z.unknown().optional(),
	/** When the wait ends without an answer, in milliseconds since the epoch. */
	expiresAt: z.number().optional(),
	openedAt: z.number(),
});
export type Suspension = z.infer<typeof suspensionSchema>;

const stepBase = {
	stepId: z.string(),
	/** The step id, followed by `#2`, `#3`, … for later executions. */
	path: z.string(),
	/** Which execution of the step: 1, 2, … */
	iteration: z.number().int().positive(),
	/** Attempts started so far. */
	attempt: z.number().int().nonnegative(),
	/** Answers already given to this execution, by the name of the request. */
	answers: z.record(z.unknown()).optional(),
	/** Milliseconds since the epoch. */
	startedAt: z.number().optional(),
	/** The last thing an attempt reported about how far it got. */
	heartbeat: z.unknown().optional(),
	/** How often it had to make room for others; after two times it is left alone. */
	preemptions: z.number().int().positive().optional(),
	/** When it gives up waiting for dependencies, by their ids, in milliseconds since the epoch. */
	givesUpAt: z.record(z.number()).optional(),
	/** Completions of dependencies that earlier executions have used up: by id, their order. */
	used: z.record(z.number()).optional(),
	/** Paths of the executions that named this one as successor. */
	namedBy: z.array(z.string()).optional(),
	/** Paths of the executions that named the step while it was busy: it runs once more. */
	againBy: z.array(z.string()).optional(),
};

const ended = { ...stepBase, endedAt: z.number() };
const maybeCause = { cause: causeSchema.optional() };

/** One execution of a step as plain JSON: what a checkpoint keeps and a status page shows. */
export const stepRecordSchema = z.discriminatedUnion('status', [
	z.object({ status: z.literal('pending'), ...stepBase }),
	z.object({ status: z.literal('blocked'), ...stepBase }),
	z.object({ status: z.literal('ready'), ...stepBase }),
	z.object({ status: z.literal('queued'), ...stepBase }),
	z.object({ status: z.literal('running'), ...stepBase }),
	z.object({
		status: z.literal('backing_off'),
		...stepBase,
		nextAttemptAt: z.number(),
		error: serializedErrorSchema,
	}),
	z.object({ status: z.literal('waiting'), ...stepBase, waitsFor: z.array(suspensionSchema) }),
	z.object({
		status: z.literal('completed'),
		...ended,
		output: z.unknown(),
		next: z.array(z.string()).optional(),
		/** Place in the run's completion order: 1, 2, … */
		order: z.number().int().positive(),
		/** Taken from the journal instead of being run. */
		reused: z.boolean().optional(),
		/** What it worked on, when it can be undone. */
		input: z.unknown().optional(),
		/** Its successors have not been told yet. */
		untold: z.boolean().optional(),
		compensation: z.enum(['pending', 'running', 'done', 'failed']).optional(),
	}),
	z.object({ status: z.literal('failed'), ...ended, error: serializedErrorSchema, ...maybeCause }),
	z.object({ status: z.literal('skipped'), ...ended, cause: causeSchema }),
	z.object({ status: z.literal('cancelled'), ...ended, cause: causeSchema }),
	z.object({
		status: z.literal('timed_out'),
		...ended,
		error: serializedErrorSchema,
		...maybeCause,
	}),
]);
export type StepRecord = z.infer<typeof stepRecordSchema>;
