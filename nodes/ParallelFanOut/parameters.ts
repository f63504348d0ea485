import { z } from 'zod';

const count = (max: number) => z.number().int().min(1).max(max);

/** A field with JSON: parsed already when an expression gave it, else text, maybe empty. */
const json = z.unknown().transform((value, context): unknown => {
	if (typeof value !== 'string') return value;
	if (value.trim() === '') return undefined;
	try {
		return JSON.parse(value) as unknown;
	} catch {
		context.addIssue({ code: 'custom', message: 'has to be valid JSON' });
		return z.NEVER;
	}
});

/** A workflow as its picker gives it, or its id as text. */
const workflow = z.union([
	z.string(),
	z.object({ value: z.coerce.string() }).transform(({ value }) => value),
]);

const amount = z.number().min(0);

/** How much the tasks of one group may take together. */
const quota = z
	.object({
		key: z.string().min(1),
		limits: z.record(amount).optional(),
		maxConcurrent: amount.optional(),
	})
	.strict();

/** What holds for all tasks of a run; read once, with the first input item. */
export const settingsSchema = z.object({
	work: z.enum(['agentPrompt', 'httpRequest', 'subWorkflow', 'taskGraph', 'webhookWorkers']),
	graphFrom: z.enum(['definition', 'items']).default('definition'),
	tasksFrom: z.enum(['items', 'list']).default('items'),
	resultsBy: z.enum(['response', 'callback']).default('response'),
	cancelledSubWorkflows: z.enum(['goOn', 'stop']).default('goOn'),
	atOnce: count(10_000),
	options: z
		.object({
			maxAttempts: count(20).optional(),
			initialDelaySeconds: z.number().min(0).default(1),
			taskTimeoutSeconds: z.number().min(0).default(0),
			waitFor: z.enum(['all', 'first', 'some', 'deadline']).default('all'),
			resultsNeeded: count(100_000).default(1),
			deadlineSeconds: z.number().min(0).default(20),
			lateTasks: z.enum(['cancel', 'deliver']).default('cancel'),
			onTaskFailure: z
				.enum(['settle', 'drop', 'stopStarting', 'cancelRest', 'threshold', 'useDefault'])
				.default('settle'),
			defaultResult: json,
			undoWorkflowId: workflow.default(''),
			maxFailures: z.number().int().min(0).optional(),
			maxFailuresPercent: z.number().min(0).max(100).optional(),
			startsPerSecond: z.number().min(0).max(10_000).default(0),
			surviveCrashes: z.boolean().default(false),
			maxStarts: count(100).default(3),
			adaptAtOnce: z.boolean().default(false),
			atOncePerKey: z.number().int().min(0).default(0),
			itemsPerTask: count(100_000).default(1),
			graphOutput: z.enum(['tasks', 'result']).default('tasks'),
			resources: json.pipe(z.record(amount).optional()),
			quotas: json.pipe(z.array(quota).optional()),
			combine: z.enum(['items', 'list', 'merge', 'sum', 'vote', 'best']).default('items'),
			scoreField: z.string().trim().min(1).default('score'),
		})
		.default({}),
});

/** See {@link settingsSchema}. */
export type Settings = z.infer<typeof settingsSchema>;

const name = z.coerce.string().trim().default('');

/** What names and groups the task of an input item. */
export const keySchema = z.object({
	options: z
		.object({
			taskKey: name,
			limitKey: name,
			groupBy: name,
			priority: z.enum(['low', 'normal', 'high', 'critical']).optional(),
			needs: json.pipe(z.record(amount).optional()),
		})
		.default({}),
});

const workflowId = workflow.pipe(z.string().trim().min(1, 'has to be chosen'));

/** What an execution is given instead of the input items. */
const taskInput = z.object({ taskInput: json }).default({});

export const subWorkflowSchema = z.object({ workflowId, options: taskInput });

/** A graph as JSON. */
export const graphDefinitionSchema = z.object({ definition: json });

/** What does the tasks that are plain items; empty when all say what they do. */
export const graphItemsSchema = z.object({
	itemWorkflowId: workflow.default(''),
});

const url = z.string().trim().url('has to be a web address, such as https://api.example.com');

export const webhookWorkersSchema = z.object({ webhookUrl: url, options: taskInput });

export const httpRequestSchema = z.object({
	method: z.enum(['DELETE', 'GET', 'PATCH', 'POST', 'PUT']),
	url,
	body: json,
	options: z
		.object({ headers: json.pipe(z.record(z.coerce.string()).default({})) })
		.default({ headers: {} }),
});

const prompt = {
	instructions: z.string().default(''),
	task: z.string().trim().min(1, 'must not be empty'),
};

/** The model that answers, when it is not an attached one. */
export const modelSchema = z.object({
	model: z.object({ value: z.unknown() }).optional(),
});

/** One prompt per input item. */
export const promptSchema = z.object(prompt);

/** Several prompts per input item. */
export const promptListSchema = z.object({
	taskList: z.object({
		tasks: z
			.array(z.object({ name: z.string().trim().min(1, 'must not be empty'), ...prompt }))
			.min(1, 'has to hold at least one task'),
	}),
});
