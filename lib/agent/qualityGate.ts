import type { JsonObject, Runtime } from '../core';
import type { ChatMessage } from '../llm';
import { type AnswerContext, answerOf } from './answer';
import { newConversation } from './conversation';
import { jsonOutput } from './outputJson';
import type { ChatPort } from './toolLoop';
import { delimitUntrusted, UNTRUSTED_NOTE } from './untrusted';

/** An answer is judged, and written again until it is good enough. */
export interface QualityGate {
	/** What a good answer is, in words. */
	criteria: string;
	/** Score from which an answer passes, 0 to 1. Default 0.8. */
	threshold?: number;
	/** Most answers that are judged. Default 3. */
	maxRounds?: number;
	/** The model that judges. Default: the task's own. */
	judge?: ChatPort;
}

/** One judgement. */
export interface Review {
	/** 1 for the first answer. */
	round: number;
	/** 0 to 1; `null` when the judge's words could not be read. */
	score: number | null;
	/** What to do better. */
	feedback: string;
	passed: boolean;
}

const REVIEW_SCHEMA: JsonObject = {
	type: 'object',
	properties: {
		score: { type: 'number', minimum: 0, maximum: 1 },
		feedback: { type: 'string' },
	},
	required: ['score', 'feedback'],
};

/** What a judge has to know. */
export interface JudgeInput {
	gate: QualityGate;
	task: string;
	answer: string;
	round: number;
}

/**
 * Asks the judge about one answer. The judge has no tools and does not see the conversation, so
 * that the answer cannot argue for itself.
 *
 * @throws what the judge's model throws; a judgement that cannot be read is a review without score
 */
export async function judge(
	{ gate, task, answer, round }: JudgeInput,
	context: AnswerContext,
): Promise<Review> {
	const format = jsonOutput(REVIEW_SCHEMA);
	const messages = judgeMessages(gate.criteria, task, answer, format.instructions, context.runtime);
	const asked: AnswerContext = {
		model: gate.judge ?? context.model,
		tools: new Map(),
		policy: {},
		limits: { ...context.limits, maxIterations: 2 },
		request: { responseFormat: format.responseFormat, temperature: 0 },
		runtime: context.runtime,
		approved: new Set(),
		format,
		maxRepairs: 1,
		outputGuards: [],
		...(context.signal === undefined ? {} : { signal: context.signal }),
	};
	const score = await answerOf(newConversation(messages, true, asked.limits), asked).then(
		readReview,
		(error: unknown) => (isUnreadable(error) ? undefined : Promise.reject(error as Error)),
	);
	if (score === undefined) {
		return { round, score: null, feedback: 'The judge gave no readable judgement.', passed: true };
	}
	return { round, ...score, passed: score.score >= (gate.threshold ?? 0.8) };
}

function readReview(end: Awaited<ReturnType<typeof answerOf>>): {
	score: number;
	feedback: string;
} {
	// A judge has no tools, so it always answers; and its answer fits the schema.
	const { answer } = end as Extract<typeof end, { kind: 'answer' }>;
	return answer.value as { score: number; feedback: string };
}

function isUnreadable(error: unknown): boolean {
	return error instanceof Error && 'code' in error && error.code === 'BAD_OUTPUT';
}

function judgeMessages(
	criteria: string,
	task: string,
	answer: string,
	instructions: string,
	runtime: Pick<Runtime, 'newId'>,
): ChatMessage[] {
	const system = [
		'You judge an answer against criteria. Be strict and brief: 1 is perfect, 0 is useless.',
		`# Criteria\n\n${criteria}`,
		`# Answer\n\n${instructions}`,
		`# Data\n\n${UNTRUSTED_NOTE}`,
	].join('\n\n');
	const parts = [
		delimitUntrusted({ source: 'task', text: task }, runtime),
		delimitUntrusted({ source: 'answer to judge', text: answer }, runtime),
	];
	return [
		{ role: 'system', content: system },
		{ role: 'user', content: parts.join('\n\n') },
	];
}
