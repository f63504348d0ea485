import type { AgentTool, JsonObject } from '../../lib';
import { EngineError, messageOf, toolParameters, ValidationError } from '../../lib';

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
): AgentTool[] {
	const given: unknown[] = Array.isArray(attached) ? attached : [attached];
	return given
		.flatMap(takenApart)
		.filter(isTool)
		.map(ungated)
		.map((tool) => ({
			...agentTool(tool),
			...effectsOf(tool.name, String(tool.metadata?.sourceNodeName ?? '')),
		}));
}

/** A gate of n8n runs its tool only for n8n's own agent; here it would answer without running it. */
function ungated(tool: AttachedTool): AttachedTool {
	const gate = tool.metadata?.gatedToolNodeName;
	if (gate === undefined) return tool;
	throw new ValidationError(
		`The tool "${tool.name}" is behind "${String(tool.metadata?.sourceNodeName)}", which only n8n's own AI Agent can ask.`,
		{
			hint: 'Attach the tool directly, and name it in the option Tools That Need Approval.',
		},
	);
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
