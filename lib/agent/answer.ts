import { EngineError, type Json } from '../core';
import type { ChatResponse } from '../llm';
import type { Conversation } from './conversation';
import type { OutputFormat } from './outputFormat';
import type { ToolCallRecord } from './tool';
import { type LoopContext, toolLoop } from './toolLoop';

/** Longest raw answer that an error carries, in characters. */
const RAW_LENGTH = 8192;

/** A check of what goes in or comes out, beyond its form. */
export interface Guard {
	/** What is wrong with the text, as a sentence; `undefined` when nothing is. */
	check(text: string): string | undefined;
}

/** How a conversation gets to an answer of the right form. */
export interface AnswerContext extends LoopContext {
	format: OutputFormat;
	/** How often the model is asked again when its answer has the wrong form. */
	maxRepairs: number;
	/** What an answer must not be or hold. */
	outputGuards: readonly Guard[];
}

/** An answer of the right form. */
export interface Answer {
	value: Json;
	confidence: number | null | undefined;
	/** The answer as the model wrote it. */
	text: string;
	finishReason: ChatResponse['finishReason'];
	/** How often the model was asked again because of the form. */
	repairs: number;
}

/** An answer, or the calls that a person has to approve first. */
export type AnswerEnd =
	| { kind: 'answer'; answer: Answer }
	| { kind: 'waiting'; waiting: Array<ToolCallRecord & { reason: string }> };

/**
 * Lets the model work until its answer has the right form; a wrong one goes back to it with what
 * is wrong.
 *
 * @throws {EngineError} `BAD_OUTPUT` or `GUARD_OUTPUT` with the raw answer in `details.raw` when
 * the answer is still wrong after the last repair, and all that `toolLoop` throws
 */
export async function answerOf(
	conversation: Conversation,
	context: AnswerContext,
): Promise<AnswerEnd> {
	for (let repairs = 0; ; repairs++) {
		const end = await toolLoop(conversation, context);
		if (end.kind === 'waiting') return end;
		const { text, finishReason } = end.response;
		const problem = guardProblem(context.outputGuards, text);
		const reading =
			problem === undefined
				? await context.format.read(text)
				: { ok: false as const, problem: problem };
		if (reading.ok) {
			const { value, confidence } = reading;
			return { kind: 'answer', answer: { value, confidence, text, finishReason, repairs } };
		}
		if (repairs >= context.maxRepairs) {
			throw wrongAnswer(reading.problem, end.response, repairs, problem !== undefined);
		}
		askAgain(conversation, repairRequest(reading.problem, end.response));
	}
}

/**
 * Asks for another answer instead of the last one. The turn that gave the last one is given back,
 * so that the limit of turns stays one of tool calls.
 */
export function askAgain(conversation: Conversation, request: string): void {
	conversation.iterations--;
	conversation.messages.push({ role: 'user', content: request });
}

/** The first thing that a guard finds wrong. */
export function guardProblem(guards: readonly Guard[], text: string): string | undefined {
	for (const guard of guards) {
		const problem = guard.check(text);
		if (problem !== undefined) return problem;
	}
	return undefined;
}

function repairRequest(problem: string, { finishReason }: ChatResponse): string {
	const shorter = finishReason === 'length' ? ' Your answer was cut off; make it shorter.' : '';
	return `Your answer cannot be used. ${problem}${shorter} Answer again, with the corrected answer only.`;
}

function wrongAnswer(
	problem: string,
	{ text, finishReason }: ChatResponse,
	repairs: number,
	guarded: boolean,
): EngineError {
	const after = repairs === 0 ? '' : ` after ${repairs} ${repairs === 1 ? 'repair' : 'repairs'}`;
	const cut = finishReason === 'length' ? ' The answer was cut off at the limit of tokens.' : '';
	return new EngineError(
		guarded ? 'GUARD_OUTPUT' : 'BAD_OUTPUT',
		`The model's answer cannot be used${after}. ${problem}${cut}`,
		{
			errorClass: guarded ? 'guardrail' : 'bad_output',
			retryable: false,
			hint: guarded
				? 'Change the task, or the guard that holds the answer back.'
				: 'Make the wanted output simpler or describe it in the task, raise Max Repairs, or use a stronger model.',
			details: { raw: text.slice(0, RAW_LENGTH), finishReason, repairs },
		},
	);
}
