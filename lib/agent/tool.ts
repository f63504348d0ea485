import type { Json, JsonObject } from '../core';
import type { ToolSpec } from '../llm';

/** Something an agent can do. */
export interface AgentTool {
	/** How the model sees it. */
	spec: ToolSpec;
	/** Whether a call changes anything outside. Default: `write`, the careful answer. */
	effect?: 'read' | 'write';
	/** Whether its results hold text from outside. Default: true, the careful answer. */
	bringsUntrusted?: boolean;
	/** Whether a person approves each call in a way of the tool's own; the task stops and waits. */
	gated?: boolean;
	/**
	 * Runs one call.
	 *
	 * @param input - arguments that fit the tool's schema
	 * @returns the result as the model shall see it
	 */
	run(input: JsonObject, options: { callId: string; signal?: AbortSignal }): Promise<string>;
}

/** What tools may do without a person. */
export interface ToolPolicy {
	/** Names of the tools that may be called at all. Default: every tool of the task. */
	allow?: readonly string[];
	/** Names of the tools of which a person approves each call. Default: none. */
	needApproval?: readonly string[];
	/**
	 * What happens when a tool that writes is called after text from outside entered the
	 * conversation: a person approves, or it just runs. Default: `approve`.
	 */
	afterUntrusted?: 'approve' | 'allow';
	/**
	 * What happens to a call that a person has to approve: the task stops and waits, or the model
	 * is told that it was refused. Default: `refuse`.
	 */
	onApproval?: 'pause' | 'refuse';
}

/** Ends of runaway loops. */
export interface ToolLimits {
	/** Most turns of the model in one conversation. Default 10. */
	maxIterations?: number;
	/** Most tool calls in one task. Default 50. */
	maxToolCalls?: number;
	/** How often the same call, by name and arguments, is run. Default 2. */
	maxRepeats?: number;
	/** Characters of a tool result that the model sees; the rest is cut. Default 100,000. */
	maxResultLength?: number;
	/** Time limit of one tool call, in milliseconds. Default: none. */
	toolTimeoutMs?: number;
}

/** One tool call of a task, for the output and for people. */
export interface ToolCallRecord {
	id: string;
	name: string;
	/** The arguments; the text itself when it is not JSON. */
	arguments: Json;
	status: 'ok' | 'failed' | 'refused' | 'waiting';
	/** What the tool gave back or, when it did not run, what the model was told. */
	result: string;
	durationMs: number;
}
