import type { IExecuteFunctions } from 'n8n-workflow';

import type {
	AgentPorts,
	AgentTask,
	AgentTaskEnd,
	CallBudget,
	ChatModel,
	CompletedTask,
	Conversation,
	ConversationMemory,
	Logger,
	ModelSession,
	ModelTimeouts,
	Redactor,
	Store,
	ToolCallRecord,
} from '../../lib';
import {
	answerCache,
	EngineError,
	messageOf,
	modelSession,
	runAgentTask,
	serializeError,
	storedThread,
	toJson,
} from '../../lib';
import { cancelSignalOf } from '../shared/cancel';
import { endpoints } from '../shared/endpoints';
import { nodeLogger } from '../shared/logger';
import { n8nRuntime } from '../shared/runtime';
import { openSteps } from '../shared/steps';
import { priceTable } from './budget';
import type { Connections } from './connections';
import type { ModelSource } from './modelSource';
import type { Parameters } from './parameters';
import { taskOf } from './task';
import type { Wallets } from './wallets';

/** What the items of one execution share. */
export interface NodeRun {
	context: IExecuteFunctions;
	connections: Connections;
	source: ModelSource;
	wallets: Wallets;
}

/** A task that is done, and where it is recorded. */
export interface RecordedTask {
	end: CompletedTask;
	reused: boolean;
	runKey: string;
	stepPath: string;
}

/** The end of a task that did not complete, on its way past the record of completed steps. */
export class NotCompleted extends EngineError {
	constructor(readonly end: Exclude<AgentTaskEnd, CompletedTask>) {
		const error = end.status === 'failed' ? serializeError(end.error) : undefined;
		super(error?.code ?? 'NEEDS_APPROVAL', error?.message ?? approvalMessage(end), {
			errorClass: error?.errorClass ?? 'guardrail',
			retryable: false,
			...(error?.hint === undefined ? {} : { hint: error.hint }),
			...(error?.details === undefined ? {} : { details: error.details }),
		});
	}
}

function approvalMessage(end: Exclude<AgentTaskEnd, CompletedTask>): string {
	const calls = end.status === 'waiting' ? end.waiting : [];
	return `The agent needs a person's approval to call ${calls.map(({ name }) => `"${name}"`).join(', ')}.`;
}

/**
 * Carries out the task of one item, or takes its recorded result.
 *
 * @throws {NotCompleted} when it failed or waits for a person
 */
export async function runItem(
	run: NodeRun,
	parameters: Parameters,
	itemIndex: number,
): Promise<RecordedTask> {
	const steps = await openSteps(run.context, itemIndex);
	const input = { parameters: semantic(parameters), attached: run.connections.attached };
	const { result, ...where } = await steps.run(
		String(itemIndex),
		input,
		async ({ signal }) => {
			const path = `${run.context.getNode().name}/${itemIndex}`;
			const budget = await run.wallets.budgetOf(steps, parameters, path);
			const item: ItemRun = { ...run, parameters, itemIndex, store: steps.store, budget };
			const end = await carryOut(item, signal);
			if (end.status !== 'completed') throw new NotCompleted(end);
			return end;
		},
		{ usageOf: ({ usage }) => usage },
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

/** What the work on one item needs. */
interface ItemRun extends NodeRun {
	parameters: Parameters;
	itemIndex: number;
	store: Store;
	budget: CallBudget;
}

async function carryOut(item: ItemRun, cancelled: AbortSignal): Promise<AgentTaskEnd> {
	const { context, connections, source, parameters, itemIndex } = item;
	const models = await source.models(parameters, itemIndex);
	const session = openSession(item, models);
	const memory = await memoryOf(item);
	const task: AgentTask = await taskOf(parameters, connections, itemIndex);
	if (memory !== undefined) task.history = await memory.load();
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
	const end = redacted(await runAgentTask(task, ports), source.redact);
	if (end.status === 'completed') await memory?.save({ user: task.task, assistant: end.text });
	return end;
}

/** The models that judge: all of them in their order, or the last one first. */
function judges(models: ChatModel[], which: 'first' | 'last'): ChatModel[] {
	return which === 'first' ? models : [...models].reverse();
}

function openSession(item: ItemRun, models: ChatModel[]): ModelSession {
	const { context, source, store, budget } = item;
	const { options } = item.parameters;
	const { cacheMinutes } = options;
	const logger: Logger = nodeLogger(context);
	return modelSession({
		models,
		runtime: n8nRuntime,
		retry: {
			maxAttempts: options.maxAttempts,
			initialDelayMs: options.initialDelaySeconds * 1000,
		},
		timeouts: timeoutsOf(options),
		endpoints,
		budget,
		prices: priceTable(options),
		...(options.requestsPerMinute > 0 ? { requestsPerMinute: options.requestsPerMinute } : {}),
		...(cacheMinutes > 0
			? { cache: answerCache({ store, runtime: n8nRuntime, ttlMs: cacheMinutes * 60_000 }) }
			: {}),
		onFailure: ({ model, error, next }) =>
			logger.log('warn', 'A model call failed', {
				model,
				next,
				message: source.redact.text(messageOf(error)),
			}),
	});
}

function timeoutsOf(options: Parameters['options']): ModelTimeouts {
	const { attemptTimeoutSeconds, idleTimeoutSeconds, totalTimeoutSeconds } = options;
	return {
		...(attemptTimeoutSeconds > 0 ? { attemptMs: attemptTimeoutSeconds * 1000 } : {}),
		...(idleTimeoutSeconds > 0 ? { idleMs: idleTimeoutSeconds * 1000 } : {}),
		...(totalTimeoutSeconds > 0 ? { totalMs: totalTimeoutSeconds * 1000 } : {}),
	};
}

async function memoryOf(item: ItemRun): Promise<ConversationMemory | undefined> {
	const { connections, itemIndex, store } = item;
	const threadId = item.parameters.options.threadId.trim();
	return threadId === '' ? await connections.memory(itemIndex) : storedThread({ store, threadId });
}

function streaming({ context, parameters, itemIndex }: ItemRun): Pick<AgentPorts, 'onText'> {
	const { output, options } = parameters;
	if (output !== 'text' || !options.streaming || !context.isStreaming()) return {};
	return { onText: (piece) => context.sendChunk('item', itemIndex, piece) };
}

/** The end of a task without the secrets that a service may have repeated in its words. */
function redacted(end: AgentTaskEnd, redact: Redactor): AgentTaskEnd {
	const toolCalls = redact.json(toJson(end.toolCalls)) as unknown as ToolCallRecord[];
	if (end.status === 'completed') {
		return { ...end, toolCalls, output: redact.json(end.output), text: redact.text(end.text) };
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
