import { EngineError, errorClassOf, isEngineError, messageOf, serializeError } from '../core';
import type {
	AgentPorts,
	AgentTask,
	AgentTaskEnd,
	CallApproval,
	CompletedTask,
	FailedTask,
	TaskReport,
	WaitingTask,
} from './agentTaskTypes';
import { type Answer, type AnswerContext, answerOf, askAgain, guardProblem } from './answer';
import { type Conversation, newConversation, resolveLimits } from './conversation';
import { textOutput } from './outputFormat';
import { hasData, openingMessages } from './prompt';
import { judge, type Review } from './qualityGate';
import { callTools, lastText } from './toolLoop';

/**
 * Gives one task to one agent: it reasons, calls tools, answers in the wanted form, and is judged
 * if asked for.
 *
 * @returns the end of the task; failures are ends too
 * @throws {AbortError} when cancelled, and nothing else
 */
export async function runAgentTask(task: AgentTask, ports: AgentPorts): Promise<AgentTaskEnd> {
	const limits = resolveLimits(task.limits);
	const format = task.output ?? textOutput();
	const messages = openingMessages(
		{
			...task,
			outputInstructions: format.instructions,
			mayMeetUntrusted: (task.tools ?? []).length > 0,
		},
		ports.runtime,
	);
	const conversation = newConversation(messages, hasData(task), limits);
	return await ended(task, ports, conversation, async (reviews) => {
		checkInput(task);
		return await converse(task, ports, conversation, reviews);
	});
}

/**
 * Goes on with a task after a person has decided about its waiting calls. Calls without a decision
 * count as refused.
 *
 * @param conversation - from {@link WaitingTask}; is changed
 */
export async function resumeAgentTask(
	task: AgentTask,
	ports: AgentPorts,
	conversation: Conversation,
	decisions: Readonly<Record<string, CallApproval>>,
): Promise<AgentTaskEnd> {
	return await ended(task, ports, conversation, async (reviews) => {
		const calls = conversation.pending;
		const approved = calls.filter(({ id }) => decisions[id]?.approved === true);
		for (const call of calls) {
			if (!approved.includes(call)) refuseCall(conversation, call, decisions[call.id]?.comment);
		}
		const context = contextOf(task, ports, new Set(approved.map(({ id }) => id)));
		const changed = approved.map((call) => ({
			...call,
			argumentsJson: decisions[call.id]?.argumentsJson ?? call.argumentsJson,
		}));
		await callTools(changed, conversation, context);
		return await converse(task, ports, conversation, reviews);
	});
}

function refuseCall(
	conversation: Conversation,
	{ id, name, argumentsJson }: Conversation['pending'][number],
	comment: string | undefined,
): void {
	const why = comment === undefined || comment === '' ? '' : ` They say: ${comment}`;
	const result = `A person did not approve this call, so it was not run.${why}`;
	conversation.messages.push({ role: 'tool', toolCallId: id, name, content: result });
	conversation.toolCalls.push({
		id,
		name,
		arguments: argumentsJson,
		status: 'refused',
		result,
		durationMs: 0,
	});
}

type Converse = (reviews: Review[]) => Promise<TaskEndWithoutReport>;

type TaskEndWithoutReport =
	| Omit<CompletedTask, keyof TaskReport>
	| Omit<WaitingTask, keyof TaskReport>
	| Omit<FailedTask, keyof TaskReport>;

/** Runs the body, turns failures into ends, and adds the report. */
async function ended(
	task: AgentTask,
	ports: AgentPorts,
	conversation: Conversation,
	body: Converse,
): Promise<AgentTaskEnd> {
	const startedAt = ports.runtime.monotonic();
	const reviews: Review[] = [];
	const end = await body(reviews).catch((thrown: unknown) => {
		const error = engineError(thrown);
		if (error.errorClass === 'abort') throw error;
		return partial(task, error, conversation) ?? { status: 'failed' as const, error, conversation };
	});
	const { usage, model, attempts } = ports.session.report();
	return {
		...end,
		usage,
		model,
		attempts,
		durationMs: ports.runtime.monotonic() - startedAt,
		toolCalls: conversation.toolCalls,
		reviews,
	};
}

function engineError(thrown: unknown): EngineError {
	return isEngineError(thrown)
		? thrown
		: new EngineError('AGENT_FAILED', `The agent failed: ${messageOf(thrown)}`, { cause: thrown });
}

/** What there is when the budget ends: the last words, if the form allows any text. */
function partial(
	task: AgentTask,
	error: EngineError,
	conversation: Conversation,
): Omit<CompletedTask, keyof TaskReport> | undefined {
	const text = lastText(conversation);
	const anyText = task.output === undefined || task.output.responseFormat.type === 'text';
	if (error.code !== 'BUDGET_EXCEEDED' || task.onBudget === 'fail') return undefined;
	if (text === '' || !anyText) return undefined;
	const answer = { value: text, confidence: undefined, finishReason: 'stop' as const, text };
	return completed(answer, 'partial', error);
}

function checkInput(task: AgentTask): void {
	const texts = [task.task, ...(task.data ?? []).map(({ text }) => text)];
	for (const text of texts) {
		const problem = guardProblem(task.inputGuards ?? [], text);
		if (problem === undefined) continue;
		throw new EngineError('GUARD_INPUT', `The task was not given to the model. ${problem}`, {
			errorClass: 'guardrail',
			hint: 'Change the task, or the guard that holds it back.',
		});
	}
}

function contextOf(
	task: AgentTask,
	{ session, runtime, signal, onText }: AgentPorts,
	approved: ReadonlySet<string> = new Set(),
): AnswerContext {
	const format = task.output ?? textOutput();
	const { temperature, maxOutputTokens } = task;
	return {
		model: session,
		tools: new Map((task.tools ?? []).map((tool) => [tool.spec.name, tool])),
		policy: task.policy ?? {},
		limits: resolveLimits(task.limits),
		request: {
			responseFormat: format.responseFormat,
			...(temperature === undefined ? {} : { temperature }),
			...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
			...(onText === undefined ? {} : { onText }),
		},
		runtime,
		approved,
		format,
		maxRepairs: task.maxRepairs ?? 2,
		outputGuards: task.outputGuards ?? [],
		...(signal === undefined ? {} : { signal }),
	};
}

/** Answers, and is judged, until the answer passes or the rounds end. */
async function converse(
	task: AgentTask,
	ports: AgentPorts,
	conversation: Conversation,
	reviews: Review[],
): Promise<TaskEndWithoutReport> {
	const context = contextOf(task, ports);
	let best: { answer: Answer; score: number } | undefined;
	for (let round = 1; ; round++) {
		// Once there is an answer, a failure on the way to a better one does not lose it.
		const end = await (best === undefined
			? answerOf(conversation, context)
			: unlessFailed(answerOf(conversation, context)));
		if (end instanceof EngineError) return completed(best!.answer, 'partial', end);
		if (end.kind === 'waiting') return { status: 'waiting', waiting: end.waiting, conversation };
		const { answer } = end;
		if (task.gate === undefined) return completed(answer, 'success');
		const review = await unlessFailed(
			judge({ gate: task.gate, task: task.task, answer: answer.text, round }, context),
		);
		if (review instanceof EngineError) {
			return completed((best ?? { answer }).answer, 'partial', review);
		}
		reviews.push(review);
		if (review.passed) return completed(answer, 'success');
		if (best === undefined || review.score! > best.score) best = { answer, score: review.score! };
		if (round >= (task.gate.maxRounds ?? 3)) return completed(best.answer, 'partial');
		askAgain(conversation, improve(review));
	}
}

/** What work gives, or why it failed. @throws {AbortError} when cancelled */
async function unlessFailed<T>(work: Promise<T>): Promise<T | EngineError> {
	return await work.catch((thrown: unknown) =>
		errorClassOf(thrown) === 'abort' ? Promise.reject(thrown as Error) : engineError(thrown),
	);
}

function improve({ feedback }: Review): string {
	return `The answer is not good enough yet. ${feedback}\nWrite the whole answer again, improved.`;
}

function completed(
	{ value, confidence, finishReason, text }: Omit<Answer, 'repairs'>,
	outcome: CompletedTask['outcome'],
	cutShort?: EngineError,
): Omit<CompletedTask, keyof TaskReport> {
	return {
		status: 'completed',
		outcome,
		...(cutShort === undefined ? {} : { cutShort: serializeError(cutShort) }),
		output: value,
		finishReason,
		text,
		...(confidence === undefined ? {} : { confidence }),
	};
}
