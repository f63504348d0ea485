import { z } from 'zod';

import { isJsonObject, type Json, type Runtime } from '../core';
import type { FormBody } from '../human';
import { askedOf, openExecutions, UnknownError, type ExecutionRecord } from '../manager';
import { isRunEnded } from '../run';
import type { Store } from '../store';
import { answerSecret, opensQuestion, type QuestionName } from './answerLink';
import { answeredPage, closedPage, formPage, type Choice, type Question } from './answerPage';
import type { MonitorReply } from './monitorCall';
import { MONITOR_HEADERS, pageFrame, type PageContent } from './pageFrame';

/** A request to the address of a question. */
export interface AnswerCall {
	method: string;
	/** Of the address. */
	query: unknown;
	/** Reads what was submitted. */
	readForm(): Promise<FormBody>;
}

/** Where the questions are. */
export interface AnswerOptions {
	store: Store;
	runtime: Runtime;
	/** Only executions of this caller. Default: all. */
	owner?: string;
}

/** An answer as it was given: text, or for one of the choices its JSON. */
export interface GivenAnswer extends QuestionName {
	answer: string;
}

const querySchema = z.object({
	run: z.string().min(1),
	answer: z.string().min(1),
	code: z.string(),
});

/** Longest answer, in characters. */
const MAX_LENGTH = 100_000;

/**
 * Answers a request to the address of a question: shows its form, or takes what was submitted. Only
 * a POST from the form gives an answer; whatever else is sent changes nothing. The host hands the
 * answer on to `WorkflowManager.answer`, where the first one counts.
 *
 * @returns what to send, and the answer if one was given; `undefined` when the address names no
 * question
 */
export async function answerQuestionCall(
	call: AnswerCall,
	options: AnswerOptions,
): Promise<{ reply: MonitorReply; given?: GivenAnswer } | undefined> {
	const asked = querySchema.safeParse(call.query);
	if (!asked.success) return undefined;
	const { run: runId, answer: requestId, code } = asked.data;
	const name = { runId, requestId };
	const now = options.runtime.now();
	const secret = await answerSecret(options.store, options.runtime);
	const question = opensQuestion(secret, name, code)
		? await openQuestion(name, options)
		: undefined;
	if (question === undefined) return { reply: reply(404, closedPage(runId, now)) };
	if (call.method !== 'POST') return { reply: reply(200, formPage(question, now)) };
	const given = answerIn(await call.readForm(), question);
	if ('problem' in given) return { reply: reply(400, formPage(question, now, given.problem)) };
	return {
		reply: reply(200, answeredPage(question, given.shown, now)),
		given: { ...name, answer: given.answer },
	};
}

function reply(statusCode: number, content: PageContent): MonitorReply {
	return { statusCode, headers: MONITOR_HEADERS, body: pageFrame(content, { form: true }) };
}

async function openQuestion(
	{ runId, requestId }: QuestionName,
	{ store, runtime, owner }: AnswerOptions,
): Promise<Question | undefined> {
	const record = await openExecutions(store, runtime, owner)
		.get(runId)
		.catch(async (error: Error) =>
			error instanceof UnknownError ? undefined : await Promise.reject(error),
		);
	if (record === undefined || isRunEnded(record.status)) return undefined;
	const request = record.requests.find((one) => one.requestId === requestId);
	return request && questionOf(record, request);
}

function questionOf(
	{ runId, name }: ExecutionRecord,
	request: ExecutionRecord['requests'][number],
): Question | undefined {
	const prompt = askedOf(request);
	if (prompt === undefined) return undefined;
	const { payload, options, problem } = request.payload as Record<string, Json | undefined>;
	return {
		runId,
		name,
		prompt,
		choices: Array.isArray(options) ? options.map(choiceOf) : [],
		...(payload !== undefined && payload !== null && { payload }),
		...(typeof problem === 'string' && { problem }),
		...(request.expiresAt !== undefined && { expiresAt: request.expiresAt }),
	};
}

/** A choice as people read it, and the JSON that stands for it. */
function choiceOf(option: Json): Choice {
	const label = isJsonObject(option) ? option.label : undefined;
	const text = typeof option === 'string' ? option : JSON.stringify(option);
	return { label: typeof label === 'string' ? label : text, json: JSON.stringify(option) };
}

/** What was submitted: a text, or one of the choices by its number. */
function answerIn(
	body: FormBody,
	{ choices }: Question,
): { answer: string; shown: string } | { problem: string } {
	const text = 'fields' in body ? (body.fields.get('answer') ?? '').trim() : '';
	if (choices.length > 0) {
		const choice = choices[Number(text === '' ? NaN : text)];
		return choice === undefined
			? { problem: 'Choose one of the answers.' }
			: { answer: choice.json, shown: choice.label };
	}
	if (text === '') return { problem: 'Write an answer.' };
	if (text.length > MAX_LENGTH) return { problem: 'The answer is too long.' };
	return { answer: text, shown: text };
}
