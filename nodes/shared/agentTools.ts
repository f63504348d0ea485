import type { AgentTool, JsonObject } from '../../lib';
import { EngineError, messageOf, toolParameters } from '../../lib';

/** A Tool sub-node's object, as far as it is used here. */
interface AttachedTool {
	name: string;
	description?: string;
	schema?: unknown;
	/** n8n notes here which sub-node a tool comes from. */
	metadata?: { sourceNodeName?: unknown; gatedToolNodeName?: unknown };
	invoke(input: unknown, options?: { signal?: AbortSignal }): Promise<unknown>;
}

/** Several tools in one sub-node, such as those of an MCP server. */
interface AttachedToolkit {
	tools?: unknown[];
	getTools?(): unknown[];
}

/** One of n8n's gates before a tool: calls go to the gate's node, where a person approves. */
export interface Gate {
	/** Name of the gate's node. */
	gate: string;
	/** Name of the node of the tool behind it. */
	tool: string;
}

/** A tool that is attached directly, or behind a gate. */
export interface AttachedAgentTool extends AgentTool {
	gate?: Gate;
}

/** What calls of a tool can do. */
export type ToolEffects = Pick<AgentTool, 'effect' | 'bringsUntrusted'>;

/**
 * The engine's tools over what Tool sub-nodes hand over; toolkits are taken apart.
 *
 * @param effectsOf - what a tool can do, by its name and the name of its sub-node
 */
export function agentTools(
	attached: unknown,
	effectsOf: (name: string, subNode: string) => ToolEffects,
): AttachedAgentTool[] {
	const given: unknown[] = Array.isArray(attached) ? attached : [attached];
	return given
		.flatMap(takenApart)
		.filter(isTool)
		.map((tool) => ({
			...agentTool(tool),
			...gateOf(tool),
			...effectsOf(tool.name, String(tool.metadata?.sourceNodeName ?? '')),
		}));
}

function gateOf({ metadata }: AttachedTool): { gate?: Gate } {
	const tool = metadata?.gatedToolNodeName;
	if (typeof tool !== 'string') return {};
	return { gate: { gate: String(metadata?.sourceNodeName), tool } };
}

function takenApart(entry: unknown): unknown[] {
	if (typeof entry !== 'object' || entry === null || isTool(entry)) return [entry];
	const kit: AttachedToolkit = entry;
	return kit.getTools?.() ?? kit.tools ?? [];
}

function isTool(entry: unknown): entry is AttachedTool {
	return (
		typeof entry === 'object' &&
		entry !== null &&
		'name' in entry &&
		typeof entry.name === 'string' &&
		'invoke' in entry &&
		typeof entry.invoke === 'function'
	);
}

function agentTool(tool: AttachedTool): AgentTool {
	return {
		spec: {
			name: tool.name,
			description: tool.description ?? '',
			parameters: toolParameters(tool.schema),
		},
		run: async (input, { signal }) => {
			const options = signal === undefined ? {} : { signal };
			return await invoke(tool, input, options);
		},
	};
}

async function invoke(
	tool: AttachedTool,
	input: JsonObject,
	options: { signal?: AbortSignal },
): Promise<string> {
	return await tool.invoke(input, options).then(
		(result) => (typeof result === 'string' ? result : JSON.stringify(result ?? null)),
		async (error: unknown) =>
			// Engine errors say by their class whether the task must stop; other errors are for the model.
			await Promise.reject(
				new EngineError('TOOL_FAILED', messageOf(error), { errorClass: 'unknown', cause: error }),
			),
	);
}
