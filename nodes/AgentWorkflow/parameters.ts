import { z } from 'zod';

import { RUN_STATUSES, isJsonObject, parseJson } from '../../lib';
import type { Json } from '../../lib';

/** JSON as the editor gives it: data from an expression, or text typed by hand. */
export const jsonSchema = z.unknown().transform((value, context): Json => {
	if (typeof value !== 'string') return (value ?? null) as Json;
	try {
		return parseJson(value);
	} catch {
		context.addIssue({ code: 'custom', message: 'must be JSON' });
		return z.NEVER;
	}
});

/** A name or an id; a number that an expression gives is one, too. */
export const idSchema = z
	.union([z.string(), z.number()])
	.transform((id) => String(id).trim())
	.refine((id) => id !== '', 'must not be empty');

/** An id of one's own choice. It becomes a part of the paths of steps. */
export const newIdSchema = z
	.union([z.string(), z.number()])
	.transform((id) => String(id).trim())
	.refine((id) => /^[^/#]{0,200}$/.test(id), 'must be at most 200 characters without / and #');

/** Whose workflows and executions there are. */
export const ownerSchema = z.object({
	options: z
		.object({ owner: z.union([z.string(), z.number()]).transform(String).default('') })
		.default({}),
});

const paging = {
	returnAll: z.boolean().default(false),
	limit: z.number().int().min(1).max(1000).default(50),
};
const offset = z.number().int().min(0).default(0);
const empty = z.object({});

/** *Create* and *Validate* of a workflow. */
export const definitionSchema = z.object({ definition: jsonSchema });

/** *Get* of a workflow. */
export const getWorkflowSchema = z.object({
	workflowId: idSchema,
	options: z.object({ version: z.number().int().min(1).optional() }).default({}),
});

/** *Delete* of a workflow. */
export const workflowSchema = z.object({ workflowId: idSchema });

/** *Update* of a workflow. */
export const updateSchema = z.object({ workflowId: idSchema, changes: jsonSchema });

/** *Get Many* of workflows. */
export const getWorkflowsSchema = z.object({
	...paging,
	options: z.object({ offset }).default({}),
});

/** *Add Step*. */
export const addStepSchema = z.object({
	addTo: z.enum(['workflow', 'execution']),
	workflowId: idSchema.optional(),
	executionId: idSchema.optional(),
	step: jsonSchema,
});

/** *Start*. */
export const startSchema = z.object({
	workflowFrom: z.enum(['id', 'definition']),
	workflowId: idSchema.optional(),
	definition: jsonSchema.optional(),
	input: jsonSchema,
	waitForEnd: z.boolean().default(true),
	options: z
		.object({
			newExecutionId: newIdSchema.default(''),
			idempotencyKey: z.union([z.string(), z.number()]).transform(String).default(''),
			onDuplicate: z.enum(['attach', 'reject', 'replace', 'new']).default('attach'),
			metadata: jsonSchema.default({}),
			record: z.boolean().default(false),
			timeoutSeconds: z.number().min(0).default(0),
		})
		.default({}),
});

/** Operations on one execution. */
export const executionSchema = z.object({ executionId: idSchema });

/** *Resume*. */
export const resumeSchema = z.object({
	executionId: idSchema,
	waitForEnd: z.boolean().default(true),
	options: z
		.object({ versions: z.enum(['pinned', 'compatible', 'restart', 'fail']).default('pinned') })
		.default({}),
});

/** *Pause*. */
export const pauseSchema = z.object({
	executionId: idSchema,
	options: z.object({ pauseMode: z.enum(['finish', 'immediate']).default('finish') }).default({}),
});

const reason = z.object({ reason: z.string().optional() }).default({});

/** *Cancel*. */
export const cancelSchema = z.object({ executionId: idSchema, options: reason });

/** *Cancel All*. */
export const cancelAllSchema = z.object({ ofWorkflow: newIdSchema.default(''), options: reason });

/** *Cancel Step*. */
export const cancelStepSchema = z.object({ executionId: idSchema, stepId: idSchema });

/** *Answer Review*. */
export const answerSchema = z.object({
	executionId: idSchema,
	requestId: idSchema,
	answer: z.unknown(),
	waitForEnd: z.boolean().default(true),
});

/** *Get Many* of executions. */
export const getExecutionsSchema = z.object({
	...paging,
	options: z
		.object({
			offset,
			activeOnly: z.boolean().default(false),
			ofWorkflow: z.string().trim().default(''),
			status: z.array(z.enum(RUN_STATUSES)).default([]),
		})
		.default({}),
});

/** *Get Events*. */
export const getEventsSchema = z.object({
	after: z.number().int().min(0).default(0),
	limit: z.number().int().min(1).max(1000).default(100),
	options: z.object({ ofExecution: newIdSchema.default('') }).default({}),
});

/** *Clean Up*. */
export const cleanUpSchema = z.object({
	olderThanHours: z.number().min(0).default(168),
	keepLast: z.number().int().min(0).default(0),
	options: z.object({ ofWorkflow: z.string().trim().default('') }).default({}),
});

/** *Render Run Page*. */
export const renderPageSchema = z.object({
	query: jsonSchema,
	options: z.object({ reviewLinks: z.boolean().default(false) }).default({}),
});

/** *Get Open Reviews*. */
export const inboxSchema = z.object({
	limit: paging.limit,
	options: z
		.object({
			reviewLinks: z.boolean().default(false),
			ofPerson: z.string().trim().default(''),
			ofRun: z.string().trim().default(''),
		})
		.default({}),
});

/** Operations without parameters of their own. */
export const noneSchema = empty;

/** What steps run with; read by operations after which steps may run. */
export const runtimeSchema = z.object({
	model: z.object({ value: z.unknown() }).optional(),
	options: z
		.object({
			agents: z
				.object({
					agents: z
						.array(
							z.object({
								name: z.string().trim().min(1, 'must not be empty'),
								instructions: z.string().optional(),
								rules: z.string().optional(),
								description: z.string().optional(),
								model: z.string().optional(),
								handOffTo: z.string().default(''),
							}),
						)
						.default([]),
				})
				.default({}),
			maxAttempts: z.number().int().min(1).max(10).default(3),
			attemptTimeoutSeconds: z.number().min(0).default(120),
			searchDefaults: jsonSchema.default({}).refine(isJsonObject, 'must be an object'),
		})
		.default({}),
});

/** See {@link runtimeSchema}. */
export type RuntimeParameters = z.infer<typeof runtimeSchema>;
