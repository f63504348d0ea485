import { z } from 'zod';

import { isJsonObject, parseJson } from '../../lib';
import type { Json } from '../../lib';

/** JSON as the editor gives it: data from an expression, or text typed by hand. */
const jsonSchema = z.unknown().transform((value, context): Json => {
	if (typeof value !== 'string') return (value ?? null) as Json;
	try {
		return parseJson(value);
	} catch {
		context.addIssue({ code: 'custom', message: 'must be JSON' });
		return z.NEVER;
	}
});

const checkpointName = z.string().trim().min(1, 'must not be empty').max(500);

/** *Save*. */
export const saveSchema = z.object({
	checkpointName,
	data: jsonSchema,
	options: z.object({ keep: z.number().int().min(1).optional() }).default({}),
});

/** *Load*. */
export const loadSchema = z.object({
	checkpointName,
	options: z
		.object({
			version: z.number().int().min(1).optional(),
			ifMissing: z.enum(['fail', 'skip', 'default']).default('fail'),
			defaultData: jsonSchema.default({}),
		})
		.default({}),
});

const ifAlreadyDone = z.enum(['reuse', 'runAgain']);

/** *Skip If Done*. */
export const skipIfDoneSchema = z.object({ checkpointName, ifAlreadyDone });

const effectName = z.string().trim().min(1, 'must not be empty').max(500);

/** *Claim*. */
export const claimSchema = z.object({
	effectName,
	ifAlreadyDone,
	whenUnknown: z.enum(['ask', 'retry', 'fail']),
});

/** *Confirm*. */
export const confirmSchema = z.object({
	effectName,
	happened: z.boolean(),
	result: jsonSchema,
	options: z.object({ token: z.number().int().min(1).optional() }).default({}),
});

const paging = {
	returnAll: z.boolean(),
	limit: z.number().int().min(1).max(1000).default(50),
};
const offset = z.number().int().min(0).default(0);

/** *Get Many* of checkpoints. */
export const getManySchema = z.object({
	scope: z.enum(['run', 'all']),
	...paging,
	options: z.object({ offset }).default({}),
});

/** *Compare*. */
export const compareSchema = z.object({
	checkpointName,
	options: z
		.object({
			version: z.number().int().min(1).optional(),
			otherVersion: z.number().int().min(1).optional(),
			otherName: z.string().trim().default(''),
			otherRunKey: z.string().trim().default(''),
		})
		.default({}),
});

/** *Delete* of a checkpoint. */
export const deleteSchema = z.object({ checkpointName });

/** *Get Many* of runs. */
export const getManyRunsSchema = z.object({
	...paging,
	options: z
		.object({
			offset,
			status: z.array(z.string()).default([]),
			keyPrefix: z.string().default(''),
		})
		.default({}),
});

/** *Delete* of a run. */
export const deleteRunSchema = z.object({});

const days = z.number().min(0).optional();

/** *Prune*. */
export const pruneSchema = z.object({
	options: z
		.object({
			maxAgeDays: days,
			maxOpenAgeDays: days,
			maxRuns: z.number().int().min(0).optional(),
			maxMegabytes: z.number().min(0).optional(),
		})
		.default({}),
});

/** *Fork*. */
export const forkSchema = z.object({
	newRunKey: z.string().trim().min(1, 'must not be empty').max(500),
	options: z
		.object({
			fromStep: z.string().trim().default(''),
			patch: jsonSchema
				.default({})
				.refine(isJsonObject, 'must be an object of states by checkpoint name'),
		})
		.default({}),
});

/** *Export*. */
export const exportSchema = z.object({});

/** *Import*. */
export const importSchema = z.object({
	exportedRun: jsonSchema,
	whenExists: z.enum(['fail', 'replace']),
});
