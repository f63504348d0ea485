import { z } from 'zod';

import {
	jsonOutput,
	labelOutput,
	type AgentTask,
	type OutputFormat,
	type ToolPolicy,
} from '../agent';
import { parse, schemaFromExample, type Json, type JsonObject } from '../core';
import { camelCase } from '../workflow/named';

const words = z.array(z.string());

/** The parameters of an agent step that the engine understands; all others are for the agent. */
const parametersSchema = z
	.object({
		/** The agent's role in this step. */
		instructions: z.string().optional(),
		/** Rules it keeps, in Markdown. */
		rules: z.string().optional(),
		/** Name of the model, where models are chosen by name. */
		model: z.string().optional(),
		/** The answer is JSON of this schema. */
		schema: z.custom<JsonObject>().optional(),
		/** The answer is JSON like this example. */
		example: z.custom<Json>().optional(),
		/** The answer is one of these. */
		labels: words.min(2).optional(),
		temperature: z.number().min(0).max(2).optional(),
		maxOutputTokens: z.number().int().min(1).optional(),
		maxIterations: z.number().int().min(1).optional(),
		/** Names of the tools it may use. Default: all there are. */
		tools: words.optional(),
		/** Names of the tools that a person has to approve before each use. Default: none. */
		needApproval: words.optional(),
		/**
		 * Whether a call that needs approval waits for a person, or is refused. Default: it waits when
		 * `needApproval` names tools.
		 */
		onApproval: z.enum(['ask', 'refuse']).optional(),
		/** Agents it may hand the task over to. Default: those of its profile. */
		handOffTo: words.optional(),
		/** Whether the input comes from us, and may say what to do. Default: it is data from outside. */
		trustInput: z.boolean().default(false),
		/** Whether the step remembers its conversation. Default: it does. */
		thread: z.boolean().optional(),
	})
	.strict();

const KNOWN = new Set(Object.keys(parametersSchema.shape));

/** What the parameters of an agent step mean. */
export interface AgentParameters {
	task: Partial<AgentTask>;
	policy: ToolPolicy;
	model?: string;
	handOffTo?: string[];
	/** Whether people are asked about calls that need approval. */
	asks: boolean;
	trusted: boolean;
	thread?: boolean;
	/** What only the agent understands. */
	others: JsonObject;
}

/**
 * Reads the parameters of an agent step; names in `snake_case` are understood.
 *
 * @throws {ValidationError} naming the field
 */
export function readAgentParameters(written: JsonObject, stepId: string): AgentParameters {
	const entries = Object.entries(written).map(
		([key, value]) => [camelCase(key), key, value] as const,
	);
	const known = entries.filter(([name]) => KNOWN.has(name));
	const others = entries.filter(([name]) => !KNOWN.has(name));
	const fields = Object.fromEntries(known.map(([name, , value]) => [name, value]));
	const parameters = parse(parametersSchema, fields, `Step "${stepId}": parameters`);
	const { instructions, rules, temperature, maxOutputTokens, maxIterations } = parameters;
	const { model, handOffTo, trustInput, thread, tools, needApproval } = parameters;
	const { onApproval = needApproval === undefined ? 'refuse' : 'ask' } = parameters;
	const output = outputOf(parameters);
	return {
		task: defined({
			...{ instructions, rules, temperature, maxOutputTokens, output },
			limits: maxIterations === undefined ? undefined : { maxIterations },
		}),
		policy: defined({
			...{ allow: tools, needApproval },
			afterUntrusted: trustInput ? ('allow' as const) : undefined,
		}),
		asks: onApproval === 'ask',
		...defined({ model, handOffTo, thread }),
		trusted: trustInput,
		others: Object.fromEntries(others.map(([, key, value]) => [key, value])),
	};
}

function outputOf({
	schema,
	example,
	labels,
}: z.infer<typeof parametersSchema>): OutputFormat | undefined {
	if (labels !== undefined) return labelOutput(labels.map((name) => ({ name })));
	const wanted = schema ?? (example === undefined ? undefined : schemaFromExample(example));
	return wanted === undefined ? undefined : jsonOutput(wanted, { enforce: true });
}

/** Without the fields that say nothing, so that they hide no default. */
function defined<Fields extends object>(
	fields: Fields,
): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
		[Name in keyof Fields]?: NonNullable<Fields[Name]>;
	};
}
