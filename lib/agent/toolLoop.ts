import type { CallBudget } from '../budget';
import { EngineError, type Runtime } from '../core';
import type { ChatRequest, ChatResponse, ToolCall } from '../llm';
import type { Conversation, ResolvedLimits } from './conversation';
import type { AgentTool, ToolCallRecord, ToolPolicy } from './tool';
import { runToolTurn } from './toolTurn';

/** The way to a model, with whatever retries and fallbacks stand before it. */
export interface ChatPort {
	chat(request: ChatRequest): Promise<ChatResponse>;
	/** Whether the budget is nearly spent, so that the model is told to finish. Default: never. */
	finishNow?(): boolean;
	/** What the calls of tools are paid from. Default: nothing is counted. */
	readonly budget?: CallBudget;
}

/** What a tool loop needs besides the conversation. */
export interface LoopContext {
	model: ChatPort;
	tools: ReadonlyMap<string, AgentTool>;
	policy: ToolPolicy;
	limits: ResolvedLimits;
	/** The part of each request that does not change: format, temperature, streaming. */
	request: Omit<ChatRequest, 'messages' | 'tools' | 'signal'> &
		Required<Pick<ChatRequest, 'responseFormat'>>;
	runtime: Pick<Runtime, 'monotonic' | 'newId' | 'setTimer'>;
	signal?: AbortSignal;
	/** Ids of calls that a person has approved. */
	approved: ReadonlySet<string>;
}

/** How a tool loop ended. */
export type LoopEnd =
	| { kind: 'answer'; response: ChatResponse }
	| { kind: 'waiting'; waiting: Array<ToolCallRecord & { reason: string }> };

const FINISH_NOW =
	'The budget is nearly used up. Call no more tools; answer now with what you have.';

/**
 * Asks the model, runs the tools it asks for, and asks again with the results, until it answers.
 * Everything that happens is added to the conversation, which belongs to the caller.
 *
 * @throws {EngineError} `ITERATION_LIMIT` when the model still asks for tools after its last turn,
 * `CONTENT_FILTERED` or `REFUSED` (class `guardrail`) when it will not answer
 */
export async function toolLoop(conversation: Conversation, context: LoopContext): Promise<LoopEnd> {
	for (;;) {
		if (conversation.iterations >= context.limits.maxIterations) {
			throw iterationLimit(conversation, context.limits.maxIterations);
		}
		conversation.iterations++;
		tellToFinish(conversation, context);
		const response = await context.model.chat(requestFor(conversation, context));
		refuseRefusals(response);
		const calls = withOwnIds(response.toolCalls, conversation);
		conversation.messages.push({
			role: 'assistant',
			content: response.text,
			...(calls.length === 0 ? {} : { toolCalls: calls }),
		});
		if (calls.length === 0) return { kind: 'answer', response };
		const waiting = await callTools(calls, conversation, context);
		if (waiting.length > 0) return { kind: 'waiting', waiting };
	}
}

/** Runs the calls of one turn and adds what they gave to the conversation. */
export async function callTools(
	calls: readonly ToolCall[],
	conversation: Conversation,
	context: LoopContext,
): Promise<Array<ToolCallRecord & { reason: string }>> {
	const situation = {
		tools: context.tools,
		policy: context.policy,
		tainted: conversation.tainted,
		repeats: conversation.repeats,
		maxRepeats: context.limits.maxRepeats,
		callsLeft: conversation.callsLeft,
		approved: context.approved,
	};
	const { runtime, signal, limits } = context;
	const turn = await runToolTurn(calls, {
		situation,
		limits,
		runtime,
		budget: context.model.budget,
		...(signal === undefined ? {} : { signal }),
	});
	conversation.callsLeft = situation.callsLeft;
	conversation.messages.push(...turn.messages);
	conversation.tainted ||= turn.tainted;
	const waitingIds = new Set(turn.waiting.map(({ id }) => id));
	conversation.toolCalls.push(...turn.records.filter(({ id }) => !waitingIds.has(id)));
	conversation.pending = calls.filter(({ id }) => waitingIds.has(id));
	return turn.waiting;
}

function requestFor(conversation: Conversation, context: LoopContext): ChatRequest {
	const { responseFormat, ...fixed } = context.request;
	const request: ChatRequest = { ...fixed, messages: conversation.messages };
	if (context.signal !== undefined) request.signal = context.signal;
	if (context.tools.size > 0) {
		// Several services cannot both keep a format and call tools; the instructions name it anyway.
		request.tools = [...context.tools.values()].map(({ spec }) => spec);
	} else {
		request.responseFormat = responseFormat;
	}
	return request;
}

function tellToFinish(conversation: Conversation, context: LoopContext): void {
	if (context.model.finishNow?.() !== true || conversation.callsLeft === 0) return;
	// No calls left, so that a model that does not listen is told again with each call it tries.
	conversation.callsLeft = 0;
	if (context.tools.size > 0) conversation.messages.push({ role: 'user', content: FINISH_NOW });
}

function refuseRefusals({ finishReason, text }: ChatResponse): void {
	if (finishReason === 'content_filter') {
		throw new EngineError(
			'CONTENT_FILTERED',
			"The model's service held the answer back because of its content.",
			{
				errorClass: 'guardrail',
				hint: 'Reword the task, or use another model.',
				details: { raw: text },
			},
		);
	}
	if (finishReason === 'refusal') {
		throw new EngineError('REFUSED', `The model refused to answer: ${text}`, {
			errorClass: 'guardrail',
			hint: 'Reword the task, or use another model.',
			details: { raw: text },
		});
	}
}

/** Calls whose ids are new to the conversation: some models repeat ids or leave them out. */
function withOwnIds(calls: readonly ToolCall[], conversation: Conversation): ToolCall[] {
	const used = new Set(conversation.toolCalls.map(({ id }) => id));
	return calls.map((call) => {
		let id = call.id;
		for (let copy = 2; id === '' || used.has(id); copy++) id = `${call.id || 'call'}_${copy}`;
		used.add(id);
		return { ...call, id };
	});
}

function iterationLimit(conversation: Conversation, maxIterations: number): EngineError {
	const { toolCalls } = conversation;
	return new EngineError(
		'ITERATION_LIMIT',
		`The agent was still calling tools after ${maxIterations} turns and was stopped.`,
		{
			errorClass: 'budget',
			hint: 'Raise Max Turns, or make the task or the tools simpler.',
			details: {
				iterations: maxIterations,
				toolCalls: toolCalls.map(({ name, status }) => ({ name, status })),
				lastText: lastText(conversation),
			},
		},
	);
}

/** The last thing the model said, as far as it said anything. */
export function lastText(conversation: Conversation): string {
	const said = conversation.messages.filter(
		({ role, content }) => role === 'assistant' && content !== '',
	);
	return said.at(-1)?.content ?? '';
}
