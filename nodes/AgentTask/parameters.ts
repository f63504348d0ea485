import { z } from 'zod';

const text = z.string().default('');
const seconds = z.number().min(0);
const count = z.number().int().min(1);

/** Names separated by commas or line ends. */
const names = z
	.string()
	.default('')
	.transform((list) => split(list, /[,\n]/));

/** One entry a line. */
const lines = z
	.string()
	.default('')
	.transform((list) => split(list, /\n/));

function split(list: string, separator: RegExp): string[] {
	return list
		.split(separator)
		.map((entry) => entry.trim())
		.filter((entry) => entry !== '');
}

const gate = z.object({
	criteria: z.string().trim().min(1, 'must not be empty'),
	judge: z.enum(['first', 'last']).default('first'),
	maxRounds: count.max(10).default(3),
	threshold: z.number().min(0).max(1).default(0.8),
});

const budget = z.object({
	unit: z.enum(['costUsd', 'minutes', 'calls', 'tokens']).default('costUsd'),
	hard: z.number().min(0).default(1),
	scope: z.enum(['run', 'item']).default('run'),
	softPercent: z.number().min(1).max(100).default(90),
});

const price = z.object({
	model: z.string().trim().min(1, 'must not be empty'),
	input: z.number().min(0).default(0),
	output: z.number().min(0).default(0),
});

const options = z.object({
	afterUntrusted: z.enum(['approve', 'allow']).default('approve'),
	allowTools: names,
	attemptTimeoutSeconds: seconds.default(120),
	budget: z.object({ limits: z.array(budget).default([]) }).default({}),
	cacheMinutes: z.number().min(0).default(0),
	data: text,
	defaultValue: z.unknown(),
	details: z.enum(['all', 'answer']).default('all'),
	forbiddenInput: lines,
	forbiddenOutput: lines,
	idleTimeoutSeconds: seconds.default(0),
	initialDelaySeconds: seconds.default(1),
	itemsAtOnce: count.default(5),
	knowledge: z.enum(['none', 'builtIn', 'ai_vectorStore', 'ai_retriever']).default('none'),
	knowledgeLimit: count.default(4),
	knowledgeName: z.coerce.string().default(''),
	keepSecret: z.boolean().default(false),
	linksOnlyTo: names,
	logModelCalls: z.enum(['manual', 'always', 'never']).default('manual'),
	maxAttempts: count.max(10).default(3),
	maxIterations: count.default(10),
	maxOutputTokens: count.optional(),
	maxRepairs: z.number().int().min(0).max(10).default(2),
	maxToolCalls: count.default(50),
	needApproval: names,
	onBudget: z.enum(['partial', 'fail']).default('partial'),
	onExhausted: z.enum(['fail', 'default', 'person']).default('fail'),
	prices: z.object({ models: z.array(price).default([]) }).default({}),
	qualityGate: z.object({ gate: gate.optional() }).default({}),
	readTools: names,
	remember: z.boolean().optional(),
	requestsPerMinute: z.number().min(0).default(0),
	rules: text,
	streaming: z.boolean().default(true),
	temperature: z.number().min(0).max(2).optional(),
	threadId: z.coerce.string().default(''),
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
