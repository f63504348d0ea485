import { type CallBudget, paidFrom } from '../budget';
import { errorClassOf, type Json, type JsonObject, messageOf, type Runtime } from '../core';
import { type ChatMessage, type ToolCall, untilAborted } from '../llm';
import { type CallContext, type CallLimits, CallScope, runWithTimeout } from '../resilience';
import type { AgentTool, ToolCallRecord, ToolLimits } from './tool';
import { type CallDecision, decideCall, type ToolSituation } from './toolCall';
import { delimitUntrusted } from './untrusted';

/** What a turn of tool calls needs besides the calls. */
export interface TurnContext {
	situation: ToolSituation;
	limits: Required<Pick<ToolLimits, 'maxResultLength'>> & Pick<ToolLimits, 'toolTimeoutMs'>;
	runtime: Pick<Runtime, 'monotonic' | 'newId' | 'setTimer'>;
	/** What the calls are paid from. Default: nothing is counted. */
	budget?: CallBudget | undefined;
	signal?: AbortSignal;
}

/** What a turn gave. */
export interface TurnResult {
	/** Results for the model, in the order of the calls; without those that wait for a person. */
	messages: ChatMessage[];
	/** One a call, in the order of the calls. */
	records: ToolCallRecord[];
	/** Calls that a person has to approve before the conversation can go on. */
	waiting: Array<ToolCallRecord & { reason: string }>;
	/** Whether a result brought in text from outside. */
	tainted: boolean;
}

/**
 * Runs the tool calls of one turn, all at once. Failures and refusals become results for the model.
 *
 * @throws {AbortError} when cancelled
 */
export async function runToolTurn(
	calls: readonly ToolCall[],
	context: TurnContext,
): Promise<TurnResult> {
	// Decided in order and before anything runs, so that limits do not depend on timing.
	const decisions = calls.map((call) => decideCall(call, context.situation));
	const outcomes = await Promise.all(
		calls.map(async (call, index) => await carryOut(call, decisions[index]!, context)),
	);
	const waiting = outcomes.flatMap(({ record, reason }) =>
		reason === undefined ? [] : [{ ...record, reason }],
	);
	return {
		messages: outcomes.flatMap(({ message }) => (message === undefined ? [] : [message])),
		records: outcomes.map(({ record }) => record),
		waiting,
		tainted: outcomes.some(({ tainted }) => tainted),
	};
}

interface Outcome {
	record: ToolCallRecord;
	message?: ChatMessage;
	reason?: string;
	tainted: boolean;
}

async function carryOut(
	call: ToolCall,
	decision: CallDecision,
	context: TurnContext,
): Promise<Outcome> {
	if (decision.kind === 'run') return await run(call, decision, context);
	if (decision.kind === 'refuse') return refused(call, decision.arguments, decision.message);
	if (decision.tool.gated !== true && context.situation.policy.onApproval !== 'pause') {
		const message = `${decision.reason} It was not run. Go on without it.`;
		return refused(call, decision.input, message);
	}
	const record = recordOf(call, decision.input, 'waiting', decision.reason, 0);
	return { record, reason: decision.reason, tainted: false };
}

function refused(call: ToolCall, input: Json, message: string): Outcome {
	return {
		record: recordOf(call, input, 'refused', message, 0),
		message: toolMessage(call, message),
		tainted: false,
	};
}

async function run(
	call: ToolCall,
	{ tool, input }: Extract<CallDecision, { kind: 'run' }>,
	context: TurnContext,
): Promise<Outcome> {
	const startedAt = context.runtime.monotonic();
	const settled = await runWithin(tool, call, input, context).then(
		(text) => ({ status: 'ok' as const, text }),
		(error: unknown) => ({ status: 'failed' as const, text: failureText(error), error }),
	);
	if ('error' in settled && mustStop(settled.error, context)) throw settled.error;
	const durationMs = context.runtime.monotonic() - startedAt;
	const result = cut(settled.text, context.limits.maxResultLength);
	const tainted = tool.bringsUntrusted ?? true;
	const shown = tainted
		? delimitUntrusted({ source: `tool ${call.name}`, text: result }, context.runtime)
		: result;
	return {
		record: recordOf(call, input, settled.status, result, durationMs),
		message: toolMessage(call, shown),
		tainted,
	};
}

/** A cancel ends the task; everything else about a tool is for the model to read. */
function mustStop(error: unknown, context: TurnContext): boolean {
	return context.signal?.aborted === true || errorClassOf(error) === 'abort';
}

function failureText(error: unknown): string {
	return `The tool did not work: ${messageOf(error)}`;
}

async function runWithin(
	tool: AgentTool,
	call: ToolCall,
	input: JsonObject,
	context: TurnContext,
): Promise<string> {
	const { toolTimeoutMs } = context.limits;
	const limits: CallLimits =
		toolTimeoutMs === undefined ? {} : { limit: { kind: 'startToClose', ms: toolTimeoutMs } };
	const scope = new CallScope(1, context.signal);
	const { budget, runtime } = context;
	const begin = async ({ signal }: CallContext): Promise<string> =>
		await tool.run(input, { callId: call.id, signal });
	const running = paidFrom(
		budget,
		{ toolCalls: 1 },
		async () => await runWithTimeout(begin, scope, limits, runtime),
		context.signal,
	);
	return await untilAborted(running, context.signal).finally(() => scope.close());
}

function recordOf(
	{ id, name }: ToolCall,
	input: Json,
	status: ToolCallRecord['status'],
	result: string,
	durationMs: number,
): ToolCallRecord {
	return { id, name, arguments: input, status, result, durationMs };
}

function toolMessage({ id, name }: ToolCall, content: string): ChatMessage {
	return { role: 'tool', toolCallId: id, name, content };
}

function cut(text: string, maxLength: number): string {
	if (text.length <= maxLength) return text;
	return `${text.slice(0, maxLength)}\n[${text.length - maxLength} more characters were cut]`;
}
