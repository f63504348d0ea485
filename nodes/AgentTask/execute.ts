import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { AgentTaskEnd, ChatModel, CompletedTask } from '../../lib';
import { EngineError, modelSession, redactor, runAgentTask, secretsOf } from '../../lib';
import { cancelSignalOf } from '../shared/cancel';
import { nodeHttpClient } from '../shared/http';
import { outcomesToItems, settleItems } from '../shared/items';
import { nodeLogger } from '../shared/logger';
import { parameterReader } from '../shared/parameters';
import { n8nRuntime } from '../shared/runtime';
import { Connections } from './connections';
import { type Parameters, parametersSchema } from './parameters';
import { properties } from './properties';
import { apiModels, modelApi, taskOf } from './task';

/** Runs Agent Task: one task for each item, several items at the same time. */
export async function executeAgentTask(
	context: IExecuteFunctions,
): Promise<INodeExecutionData[][]> {
	const items = context.getInputData();
	const read = parameterReader(context, parametersSchema, properties);
	const connections = new Connections(context);
	const apiOf = await apiReader(context);
	const signal = cancelSignalOf(context);
	const logger = nodeLogger(context);
	const atOnce = context.getNodeParameter('options.itemsAtOnce', 0, 5) as number;

	const outcomes = await settleItems(items, atOnce, async (_item, itemIndex) => {
		const parameters = read(itemIndex);
		const models =
			parameters.modelSource === 'api'
				? apiOf.models(parameters)
				: await connections.models(itemIndex);
		const session = modelSession({
			models,
			runtime: n8nRuntime,
			retry: {
				maxAttempts: parameters.options.maxAttempts,
				initialDelayMs: parameters.options.initialDelaySeconds * 1000,
			},
			timeouts: timeoutsOf(parameters),
			onFailure: ({ model, error, next }) =>
				logger.log('warn', 'A model call failed', {
					model,
					next,
					message: apiOf.redact.text(error instanceof Error ? error.message : String(error)),
				}),
		});
		const task = await taskOf(parameters, connections, itemIndex);
		return completedOf(await runAgentTask(task, { session, runtime: n8nRuntime, signal }));
	});
	return [outcomesToItems(context, outcomes, (end) => [toItem(end)], apiOf.redact)];
}

/** Makes models of the credential, if the node uses it. */
async function apiReader(context: IExecuteFunctions) {
	if (context.getNodeParameter('modelSource', 0, 'chatModel') !== 'api') {
		return { models: (): ChatModel[] => [], redact: redactor() };
	}
	const http = nodeHttpClient(context, 'agentSwarmModelApi');
	const api = await modelApi(context, http);
	const credential = await context.getCredentials('agentSwarmModelApi');
	return {
		models: (parameters: Parameters) => apiModels(parameters, api),
		redact: redactor(secretsOf(credential)),
	};
}

function timeoutsOf({ options }: Parameters) {
	const { attemptTimeoutSeconds, idleTimeoutSeconds, totalTimeoutSeconds } = options;
	return {
		...(attemptTimeoutSeconds > 0 ? { attemptMs: attemptTimeoutSeconds * 1000 } : {}),
		...(idleTimeoutSeconds > 0 ? { idleMs: idleTimeoutSeconds * 1000 } : {}),
		...(totalTimeoutSeconds > 0 ? { totalMs: totalTimeoutSeconds * 1000 } : {}),
	};
}

function completedOf(end: AgentTaskEnd): CompletedTask {
	if (end.status === 'completed') return end;
	if (end.status === 'failed') throw end.error;
	const names = end.waiting.map(({ name }) => `"${name}"`).join(', ');
	throw new EngineError('NEEDS_APPROVAL', `The agent needs a person's approval to call ${names}.`);
}

function toItem(end: CompletedTask): INodeExecutionData {
	const { output, usage, model, attempts, durationMs, toolCalls, outcome, finishReason } = end;
	return {
		json: {
			output,
			...(end.confidence === undefined ? {} : { confidence: end.confidence }),
			usage: { ...usage },
			model,
			attempts,
			durationMs: Math.round(durationMs),
			toolCalls: toolCalls.map((call) => ({ ...call })),
			outcome,
			finishReason,
			...(end.reviews.length === 0 ? {} : { reviews: end.reviews.map((one) => ({ ...one })) }),
			reused: false,
		},
	};
}
