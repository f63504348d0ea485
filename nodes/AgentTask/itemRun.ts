import type { IExecuteFunctions } from 'n8n-workflow';

import type {
	AgentPorts,
	AgentTaskEnd,
	CompletedTask,
	Conversation,
	ConversationMemory,
	KnowledgeBase,
	Redactor,
	StepSavings,
	ToolCallRecord,
} from '../../lib';
import { EngineError, runAgentTask, storedThread, toJson } from '../../lib';
import { cancelSignalOf } from '../shared/cancel';
import { n8nRuntime } from '../shared/runtime';
import { openSteps } from '../shared/steps';
import type { ItemRun, NodeRun } from './itemContext';
import { knowledgeOf, remembers } from './knowledge';
import { NotCompleted } from './notCompleted';
import type { Parameters } from './parameters';
import { loadWaiting, type Resumption, type WaitingTaskRecord } from './person';
import { judges, openSession } from './session';
import { taskOf } from './task';

/** A task that is done, and where it is recorded. */
export interface RecordedTask {
	end: CompletedTask;
	reused: boolean;
	/** What reusing it has saved. */
	saved?: StepSavings;
	runKey: string;
	stepPath: string;
}

/**
 * Carries out the task of one item, takes its recorded result, or goes on where a person was asked.
 *
 * @throws {NotCompleted} when it failed or waits for a person
 */
export async function runItem(
	run: NodeRun,
	parameters: Parameters,
	itemIndex: number,
	resumption?: Resumption,
): Promise<RecordedTask> {
	const steps = await openSteps(run.context, itemIndex);
	const waiting = resumption && (await loadWaiting(steps.store, resumption.id));
	const input = {
		parameters: semantic(parameters),
		attached: run.connections.digest,
		decision: resumption?.input,
	};
	const { result, ...where } = await steps.run(
		resumption?.path ?? String(itemIndex),
		input,
		async ({ signal }) => {
			const { name } = run;
			const path = `${name}/${itemIndex}`;
			const budget = await run.wallets.budgetOf(steps, parameters, name, path);
			if (resumption?.approved === true && waiting?.code === 'BUDGET_EXCEEDED') {
				await run.wallets.raise(steps, parameters, path, resumption.id);
			}
			const item: ItemRun = { ...run, parameters, itemIndex, store: steps.store, budget };
			const end = await carryOut(item, signal, resumption, waiting);
			if (end.status !== 'completed') throw new NotCompleted(end);
			return end;
		},
		{ usageOf: ({ usage }) => usage, cutShortOf: ({ cutShort }) => cutShort },
	);
	return { end: result, ...where };
}

/** The parameters on which a result depends: how fast and how often is not among them. */
function semantic({ options, ...rest }: Parameters): object {
	const { rules, data, temperature, maxOutputTokens, qualityGate, threadId, allowTools } = options;
	return {
		...rest,
		options: { rules, data, temperature, maxOutputTokens, qualityGate, threadId, allowTools },
	};
}

async function carryOut(
	item: ItemRun,
	cancelled: AbortSignal,
	resumption?: Resumption,
	waiting?: WaitingTaskRecord,
): Promise<AgentTaskEnd> {
	const { context, source, parameters, itemIndex } = item;
	const models = await source.models(parameters, itemIndex);
	const session = openSession(item, models);
	const memory = await memoryOf(item);
	const task = await taskOf(item);
	const knowledge = await knowledgeOf(item);
	if (memory !== undefined) task.history = await memory.load();
	if (knowledge !== undefined) {
		const known = await knowledge.recall(task.task, parameters.options.knowledgeLimit);
		task.data = [...known, ...(task.data ?? [])];
	}
	const { gate } = parameters.options.qualityGate;
	if (gate !== undefined) {
		task.gate = { ...gate, judge: session.withModels(judges(models, gate.judge)) };
	}
	const ports: AgentPorts = {
		session,
		runtime: n8nRuntime,
		signal: AbortSignal.any([cancelled, cancelSignalOf(context)]),
		...streaming(item),
	};
	const done =
		resumption === undefined || waiting === undefined
			? await runAgentTask(task, ports)
			: await resumption.goOn(task, ports, waiting);
	if (ports.onText !== undefined) context.sendChunk('end', itemIndex);
	const end = redacted(done, source.redact);
	if (end.status === 'completed') {
		await memory?.save({ user: task.task, assistant: end.text });
		if (remembers(item)) await remember(item, knowledge, task.task, end.text);
	}
	return end;
}

async function memoryOf(item: ItemRun): Promise<ConversationMemory | undefined> {
	const { connections, itemIndex, store } = item;
	const threadId = item.parameters.options.threadId.trim();
	return threadId === '' ? await connections.memory(itemIndex) : storedThread({ store, threadId });
}

/** Keeps an answer for later tasks, with where it comes from. */
async function remember(
	{ name, itemIndex }: ItemRun,
	knowledge: KnowledgeBase | undefined,
	task: string,
	answer: string,
): Promise<void> {
	await knowledge?.remember?.(`${task}\n\n${answer}`, {
		source: `answer of ${name}`,
		stepPath: `${name}/${itemIndex}`,
	});
}

function streaming({ context, parameters, itemIndex }: ItemRun): Pick<AgentPorts, 'onText'> {
	const { output, options } = parameters;
	if (output !== 'text' || !options.streaming || !isStreaming(context)) return {};
	let begun = false;
	return {
		onText: (piece) => {
			if (!begun) context.sendChunk('begin', itemIndex);
			begun = true;
			context.sendChunk('item', itemIndex, piece);
		},
	};
}

/** A tool's context has no stream. */
function isStreaming(context: Partial<Pick<IExecuteFunctions, 'isStreaming'>>): boolean {
	return context.isStreaming?.() === true;
}

/** The end of a task without the secrets that a service may have repeated in its words. */
function redacted(end: AgentTaskEnd, redact: Redactor): AgentTaskEnd {
	const toolCalls = redact.json(toJson(end.toolCalls)) as unknown as ToolCallRecord[];
	if (end.status === 'completed') {
		const answer = { output: redact.json(end.output), text: redact.text(end.text) };
		const { cutShort } = end;
		if (cutShort === undefined) return { ...end, toolCalls, ...answer };
		const reason = redact.json(toJson(cutShort)) as unknown as typeof cutShort;
		return { ...end, toolCalls, ...answer, cutShort: reason };
	}
	const conversation = redact.json(toJson(end.conversation)) as unknown as Conversation;
	if (end.status === 'waiting') return { ...end, toolCalls, conversation };
	return { ...end, toolCalls, conversation, error: redactedError(end.error, redact) };
}

function redactedError(error: EngineError, redact: Redactor): EngineError {
	const { code, errorClass, retryable, hint, details } = error;
	return new EngineError(code, redact.text(error.message), {
		errorClass,
		retryable,
		details: redact.json(toJson(details)) as Record<string, unknown>,
		...(hint === undefined ? {} : { hint: redact.text(hint) }),
	});
}
