import { z } from 'zod';

import type { Limit } from '../budget';
import { limitSchema } from '../budget/budget';
import { ERROR_CLASSES, isJsonObject, type Json } from '../core';
import type { RetryOptions, TimeoutPolicy } from '../resilience';
import { RESOURCE_TYPES, type ResourceRequirements } from '../resources';
import { chosen, refuse, type Schema } from './chosen';
import type { StepDefinition, StepWork, WorkflowBudget, WorkflowDefinition } from './definition';
import { dependenciesSchema } from './dependencySchema';
import { jsonObject, named, oneOf, seconds, stepId } from './named';
import { predicateSchema } from './predicateSchema';

const durationMs = z.number().min(0);
const weight = z.number().min(0);
const json = z.custom<Json>((value) => value !== undefined);

/** Attempts and pauses; `max_retries: 3` is four attempts, `initial_delay` is in seconds. */
export const retrySchema: Schema<RetryOptions> = named(
	{
		maxAttempts: z.number().int().min(1).optional(),
		initialDelayMs: durationMs.optional(),
		maxDelayMs: durationMs.optional(),
		backoffFactor: z.number().min(1).optional(),
		jitter: oneOf(['none', 'full', 'equal', 'decorrelated']).optional(),
		retryOn: z.array(z.enum(ERROR_CLASSES)).optional(),
		doNotRetryOn: z.array(z.enum(ERROR_CLASSES)).optional(),
		maxElapsedMs: durationMs.optional(),
		respectRetryAfter: z.boolean().optional(),
		onExhausted: oneOf(['fail', 'default', 'pause']).optional(),
		defaultValue: json.optional(),
	},
	{
		aliases: { exponentialBase: 'backoffFactor' },
		converted: {
			maxRetries: ['maxAttempts', (value) => (typeof value === 'number' ? value + 1 : value)],
			initialDelay: ['initialDelayMs', seconds],
			maxDelay: ['maxDelayMs', seconds],
			maxElapsed: ['maxElapsedMs', seconds],
			jitter: ['jitter', (value) => (value === true ? 'full' : value === false ? 'none' : value)],
		},
	},
);

const timeLimits: Schema<TimeoutPolicy> = named({
	scheduleToStartMs: durationMs.optional(),
	startToCloseMs: durationMs.optional(),
	scheduleToCloseMs: durationMs.optional(),
	idleMs: durationMs.optional(),
});

/** Time limits of a step; a plain number, made an object by the field's name, limits one attempt. */
const timeoutSchema: Schema<TimeoutPolicy> = chosen<TimeoutPolicy>((value) =>
	isJsonObject(value) ? timeLimits : refuse('must be a number or limits such as {startToCloseMs}'),
);

const timeoutNames = {
	timeout: ['timeout', (value: unknown) => oneAttempt(seconds(value))],
	timeoutMs: ['timeout', oneAttempt],
} as const;

function oneAttempt(value: unknown): unknown {
	return typeof value === 'number' ? { startToCloseMs: value } : value;
}

/** Document 004 calls the resource `memory`; a pool may have resources of its own. */
const resourceType = z.string().transform((type) => {
	const known = RESOURCE_TYPES.find((name) => name.toLowerCase() === type.toLowerCase());
	return known ?? (type.toLowerCase() === 'memory' ? 'memoryMb' : type);
});

const resourcesSchema: Schema<ResourceRequirements> = named(
	{
		cpu: weight.optional(),
		memoryMb: weight.optional(),
		io: weight.optional(),
		network: weight.optional(),
		gpu: weight.optional(),
		custom: z.record(weight).optional(),
		priority: oneOf(['low', 'normal', 'high', 'critical']).optional(),
		resourceTypes: chosen<'all' | string[]>((value) =>
			Array.isArray(value) ? z.array(resourceType) : oneOf(['all']),
		).optional(),
		scheduleToStartMs: durationMs.optional(),
	},
	{
		aliases: { cpuUnits: 'cpu', ioWeight: 'io', networkWeight: 'network', gpuUnits: 'gpu' },
		converted: { timeout: ['scheduleToStartMs', seconds] },
	},
);

/** The documents' words for the step kinds of the engine. */
const KINDS: Readonly<Record<string, string>> = {
	agenttask: 'agent',
	apicall: 'http',
	datavalidation: 'validate',
	httprequest: 'http',
	humanreview: 'human',
	humaninput: 'human',
	parallelgroup: 'parallel',
	qualityassurance: 'qa',
	qualitygate: 'qa',
	subworkflow: 'subworkflow',
};

const kindSchema = z
	.string()
	.min(1, 'must not be empty')
	.transform((kind) => {
		const plain = kind.toLowerCase().replace(/[_ -]/g, '');
		return Object.hasOwn(KINDS, plain) ? KINDS[plain]! : kind.toLowerCase();
	});

const workShape = {
	kind: kindSchema.optional(),
	agent: z.string().optional(),
	task: z.string().optional(),
	parameters: jsonObject.default({}),
	input: json.optional(),
	retry: retrySchema.optional(),
	timeout: timeoutSchema.optional(),
};

const workNames = {
	aliases: {
		type: 'kind',
		stepType: 'kind',
		agentType: 'agent',
		agentId: 'agent',
		params: 'parameters',
		retryPolicy: 'retry',
	},
	converted: timeoutNames,
} as const;

/** A kind must be said, except that an agent's name says it. */
function withKind<Work extends { kind?: string; agent?: string }>(
	schema: Schema<Work>,
): Schema<Work & { kind: string }> {
	return schema.transform((work, context): Work & { kind: string } => {
		const kind = work.kind ?? (work.agent === undefined ? undefined : 'agent');
		if (kind !== undefined) return { ...work, kind };
		context.addIssue({ code: 'custom', path: ['kind'], message: 'is required without an agent' });
		return z.NEVER;
	});
}

const compensateSchema: Schema<StepWork> = withKind(named(workShape, workNames));

/** Where the step says to go next: one step, several or none. */
export const targetsSchema: Schema<string[]> = chosen<string[]>((value) => {
	if (value === null) return z.null().transform(() => []);
	return Array.isArray(value) ? z.array(stepId) : stepId.transform((only) => [only]);
});

/** A step as it is written: its id and its dependencies may be left out. */
export type WrittenStep = Omit<StepDefinition, 'id' | 'dependencies'> &
	Partial<Pick<StepDefinition, 'id' | 'dependencies'>>;

/** A step in the words of documents 001, 003 and 004, or in the engine's own. */
export const stepSchema: Schema<WrittenStep> = withKind(
	named(
		{
			...workShape,
			id: stepId.optional(),
			name: z.string().optional(),
			dependencies: dependenciesSchema.optional(),
			next: targetsSchema.optional(),
			condition: predicateSchema.optional(),
			resources: resourcesSchema.optional(),
			optional: z.boolean().optional(),
			restartable: z.boolean().optional(),
			preemptible: z.boolean().optional(),
			maxIterations: z.number().int().min(1).optional(),
			weight: weight.optional(),
			threadId: z.string().optional(),
			compensate: compensateSchema.optional(),
			compensateOnFailure: z.boolean().optional(),
			quotas: z.array(z.string().min(1)).optional(),
			metadata: jsonObject.default({}),
		},
		{
			aliases: { ...workNames.aliases, stepId: 'id', label: 'name', dependsOn: 'dependencies' },
			converted: workNames.converted,
			// What documents 001 and 003 keep beside a step's definition, and what an editor adds.
			ignored: ['workflowId', 'status', 'result', 'error', 'createdAt', 'updatedAt', 'position'],
		},
	),
);

const defaultsSchema: Schema<NonNullable<WorkflowDefinition['defaults']>> = named(
	{ retry: retrySchema.optional(), timeout: timeoutSchema.optional() },
	{ aliases: { retryPolicy: 'retry' }, converted: timeoutNames },
);

const limit: Schema<Limit> = chosen<Limit>((value) =>
	typeof value === 'number'
		? z
				.number()
				.min(0)
				.transform((hard) => ({ hard }))
		: limitSchema,
);

/** A plain number is a hard limit. */
export const budgetSchema: Schema<WorkflowBudget> = named(
	{
		tokens: limit.optional(),
		costUsd: limit.optional(),
		calls: limit.optional(),
		activeMs: limit.optional(),
		toolCalls: limit.optional(),
		searches: limit.optional(),
		onHard: oneOf(['partial', 'fail', 'ask']).optional(),
	},
	{ aliases: { cost: 'costUsd' } },
);

/** A workflow in the words of documents 001 and 003, or in the engine's own. */
export const workflowSchema = named(
	{
		schemaVersion: z.literal(1).default(1),
		id: stepId.optional(),
		name: z.string().min(1, 'must not be empty'),
		description: z.string().optional(),
		workflowType: z.string().optional(),
		order: oneOf(['sequence', 'graph']).optional(),
		steps: z.array(stepSchema).default([]),
		start: targetsSchema.optional(),
		output: json.optional(),
		missing: oneOf(['error', 'empty']).optional(),
		defaults: defaultsSchema.optional(),
		timeoutMs: durationMs.optional(),
		budget: budgetSchema.optional(),
		maxConcurrent: z.number().int().min(1).optional(),
		metadata: jsonObject.default({}),
	},
	{
		aliases: { workflowId: 'id', runTimeoutMs: 'timeoutMs' },
		converted: { timeout: ['timeoutMs', seconds], runTimeout: ['timeoutMs', seconds] },
		ignored: ['status', 'currentStepIndex', 'createdAt', 'updatedAt'],
	},
);
