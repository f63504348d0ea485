import {
	hashOf,
	isJsonObject,
	type Json,
	type JsonObject,
	jsonSchemaProblems,
	parseJson,
} from '../core';
import type { ToolCall } from '../llm';
import type { AgentTool, ToolPolicy } from './tool';

/** What is known about the conversation when tools are called. */
export interface ToolSituation {
	tools: ReadonlyMap<string, AgentTool>;
	policy: ToolPolicy;
	/** Whether text from outside has entered the conversation. */
	tainted: boolean;
	/** How often each call was run, by its fingerprint. */
	repeats: Record<string, number>;
	maxRepeats: number;
	/** Calls that may still run in this task. */
	callsLeft: number;
	/** Ids of calls that a person has approved. */
	approved: ReadonlySet<string>;
}

/** What becomes of one call that a model asks for. */
export type CallDecision =
	| { kind: 'run'; tool: AgentTool; input: JsonObject }
	| { kind: 'approve'; tool: AgentTool; input: JsonObject; reason: string }
	| { kind: 'refuse'; arguments: Json; message: string };

/**
 * Decides about one call, without running it: unknown, not allowed, wrong arguments, repeated too
 * often and too many are refused with words that help the model; calls that write after outside
 * text came in, and those the user marked, need a person.
 *
 * Counts the call as run when it may run.
 */
export function decideCall(call: ToolCall, situation: ToolSituation): CallDecision {
	const input = argumentsOf(call);
	const shown = input ?? call.argumentsJson;
	const refuse = (message: string): CallDecision => ({ kind: 'refuse', arguments: shown, message });
	const tool = situation.tools.get(call.name);
	if (tool === undefined || !isAllowed(call.name, situation.policy)) {
		return refuse(`There is no tool "${call.name}". ${toolList(situation)}`);
	}
	if (input === undefined) {
		return refuse('The arguments are not a JSON object. Call the tool again with valid JSON.');
	}
	const problems = jsonSchemaProblems(tool.spec.parameters, input);
	if (problems.length > 0) {
		return refuse(`The arguments do not fit: ${problems.join('; ')}. Correct them and call again.`);
	}
	const fingerprint = `${call.name}:${hashOf(input)}`;
	const times = situation.repeats[fingerprint] ?? 0;
	if (times >= situation.maxRepeats) {
		return refuse(
			`This call was already made ${times} times with the same arguments. Use the results you have.`,
		);
	}
	if (situation.callsLeft <= 0) {
		return refuse('The limit of tool calls is reached. Answer with what you have.');
	}
	const reason = approvalReason(call, tool, situation);
	if (reason !== undefined) return { kind: 'approve', tool, input, reason };
	situation.repeats[fingerprint] = times + 1;
	situation.callsLeft--;
	return { kind: 'run', tool, input };
}

/** The arguments as an object; some models send none at all for a tool without parameters. */
function argumentsOf(call: ToolCall): JsonObject | undefined {
	if (call.argumentsJson.trim() === '') return {};
	try {
		const value = parseJson(call.argumentsJson);
		return isJsonObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

function isAllowed(name: string, policy: ToolPolicy): boolean {
	return policy.allow === undefined || policy.allow.includes(name);
}

function toolList(situation: ToolSituation): string {
	const names = [...situation.tools.keys()].filter((name) => isAllowed(name, situation.policy));
	return names.length === 0 ? 'No tools can be called.' : `The tools are: ${names.join(', ')}.`;
}

function approvalReason(
	call: ToolCall,
	tool: AgentTool,
	situation: ToolSituation,
): string | undefined {
	if (situation.approved.has(call.id)) return undefined;
	if (tool.gated === true)
		return `Each call of "${call.name}" passes a gate, where a person approves.`;
	if (situation.policy.needApproval?.includes(call.name) === true) {
		return `Each call of "${call.name}" needs a person's approval.`;
	}
	const writes = (tool.effect ?? 'write') === 'write';
	if (writes && situation.tainted && situation.policy.afterUntrusted !== 'allow') {
		return `"${call.name}" changes something outside, and the conversation contains text from outside.`;
	}
	return undefined;
}
