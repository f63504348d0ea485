import { z } from 'zod';

const text = z.string().default('');
const seconds = z.number().min(0);
const count = z.number().int().min(1);

const options = z.object({
	attemptTimeoutSeconds: seconds.default(120),
	data: text,
	idleTimeoutSeconds: seconds.default(0),
	initialDelaySeconds: seconds.default(1),
	itemsAtOnce: count.default(5),
	maxAttempts: count.max(10).default(3),
	maxIterations: count.default(10),
	maxOutputTokens: count.optional(),
	maxRepairs: z.number().int().min(0).max(10).default(2),
	maxToolCalls: count.default(50),
	rules: text,
	temperature: z.number().min(0).max(2).optional(),
	toolTimeoutSeconds: seconds.default(60),
	totalTimeoutSeconds: seconds.default(600),
});

/** The parameters of one item, with their defaults. */
export const parametersSchema = z.object({
	modelSource: z.enum(['chatModel', 'api']).default('chatModel'),
	model: z.object({ value: z.unknown() }).optional(),
	fallbackModels: text,
	instructions: text,
	task: z.string({ required_error: 'must not be empty' }).trim().min(1, 'must not be empty'),
	output: z.enum(['text', 'json', 'label', 'parser']).default('text'),
	jsonDefinition: z.enum(['example', 'schema']).default('example'),
	jsonExample: z.unknown(),
	jsonSchema: z.unknown(),
	labels: text,
	options: options.default({}),
});

/** See {@link parametersSchema}. */
export type Parameters = z.infer<typeof parametersSchema>;
