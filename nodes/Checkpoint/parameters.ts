import { z } from 'zod';

import { parseJson } from '../../lib';
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

/** *Skip If Done*. */
export const skipIfDoneSchema = z.object({ checkpointName });
