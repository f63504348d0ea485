import type { AgentTask, AgentTool, Guard, Json, Label, OutputFormat } from '../../lib';
import {
	forbiddenText,
	jsonOutput,
	labelOutput,
	linksOnlyTo,
	noLeakOf,
	parseJson,
	parseJsonSchema,
	schemaFromExample,
	show,
	textOutput,
	ValidationError,
} from '../../lib';
import type { AttachedAgentTool } from '../shared/agentTools';
import { parserOutput } from '../shared/outputParser';
import type { Connections } from './connections';
import { resultAtGate } from './gates';
import type { ItemRun } from './itemContext';
import type { Parameters } from './parameters';

/** The engine's task for the parameters of one item; without what was said before, and judges. */
export async function taskOf({
	parameters,
	connections,
	itemIndex,
	gates,
}: ItemRun): Promise<AgentTask> {
	const { options } = parameters;
	const { afterUntrusted, allowTools, needApproval, toolTimeoutSeconds } = options;
	const data = options.data.trim();
	const attached = await connections.tools(itemIndex, options.readTools);
	const gated = attached.filter(({ gate }) => gate !== undefined).map(({ spec }) => spec.name);
	if (gates === 'none' && gated.length > 0) throw gatesDoNotWork(gated);
	return {
		instructions: parameters.instructions,
		rules: options.rules,
		task: parameters.task,
		output: await outputFormat(parameters, connections, itemIndex),
		tools: attached.map((tool) => behindGate(tool, gates, itemIndex)),
		policy: {
			afterUntrusted,
			needApproval,
			onApproval: asksPeople(parameters) ? 'pause' : 'refuse',
			...(allowTools.length === 0 ? {} : { allow: allowTools }),
		},
		onBudget: options.onBudget,
		maxRepairs: options.maxRepairs,
		limits: {
			maxIterations: options.maxIterations,
			maxToolCalls: options.maxToolCalls,
			...(toolTimeoutSeconds > 0 ? { toolTimeoutMs: toolTimeoutSeconds * 1000 } : {}),
		},
		inputGuards: guarded(options.forbiddenInput),
		outputGuards: outputGuards(parameters),
		...(data === '' ? {} : { data: [{ source: 'untrusted data', text: data }] }),
		...(options.temperature === undefined ? {} : { temperature: options.temperature }),
		...(options.maxOutputTokens === undefined ? {} : { maxOutputTokens: options.maxOutputTokens }),
	};
}

/** A tool behind a gate is run by the engine of n8n; here its result is only handed on. */
function behindGate(
	tool: AttachedAgentTool,
	gates: ItemRun['gates'],
	itemIndex: number,
): AgentTool {
	if (tool.gate === undefined || gates === 'none') return tool;
	const run: AgentTool['run'] = async (_input, { callId }) =>
		resultAtGate(gates, itemIndex, callId);
	return { ...tool, gated: true, run };
}

function gatesDoNotWork(names: readonly string[]): ValidationError {
	return new ValidationError(
		`The tools ${names.map((name) => `"${name}"`).join(', ')} are behind gates, which cannot be asked by an agent that is a tool itself.`,
		{ hint: 'Attach them to the agent that calls this one, or without their gates.' },
	);
}

/** Whether the node has the output Needs a Person; the expression of its outputs says the same. */
export function asksPeople({ options }: Parameters): boolean {
	return options.onExhausted === 'person' || options.needApproval.length > 0;
}

function guarded(rules: readonly string[]): Guard[] {
	return rules.length === 0 ? [] : [forbiddenText(rules)];
}

function outputGuards({ instructions, options }: Parameters): Guard[] {
	return [
		...guarded(options.forbiddenOutput),
		...(options.linksOnlyTo.length === 0 ? [] : [linksOnlyTo(options.linksOnlyTo)]),
		...(options.keepSecret ? [noLeakOf(instructions), noLeakOf(options.rules)] : []),
	];
}

async function outputFormat(
	parameters: Parameters,
	connections: Connections,
	itemIndex: number,
): Promise<OutputFormat> {
	switch (parameters.output) {
		case 'text':
			return textOutput();
		case 'json':
			return jsonOutput(
				parameters.jsonDefinition === 'schema'
					? parseJsonSchema(parameters.jsonSchema, 'JSON Schema')
					: schemaFromExample(jsonOf(parameters.jsonExample, 'JSON Example')),
				{ enforce: true },
			);
		case 'label':
			return labelOutput(labelsOf(parameters.labels));
		case 'parser':
			return parserOutput(await connections.outputParser(itemIndex));
	}
}

/** A field of type JSON: text to be parsed, or data that an expression gave. */
export function jsonOf(source: unknown, field: string): Json {
	if (typeof source !== 'string' && source !== undefined && source !== null) return source as Json;
	let value: Json | undefined;
	try {
		value = parseJson(String(source));
	} catch {
		value = undefined;
	}
	if (value !== undefined && source !== undefined) return value;
	throw new ValidationError(`${field} must be valid JSON, received ${show(source)}.`, {
		hint: 'Write JSON such as {"category": "billing", "urgent": false}.',
	});
}

/** One label a line, or separated by commas on a single line; a description after a colon. */
function labelsOf(text: string): Label[] {
	const lines = text.trim().includes('\n') ? text.split('\n') : text.split(',');
	return lines
		.map((line) => line.trim())
		.filter((line) => line !== '')
		.map((line) => {
			const [name = '', ...description] = line.split(':');
			return { name: name.trim(), description: description.join(':').trim() };
		});
}
