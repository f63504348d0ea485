import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { cancelSignalOf } from '../shared/cancel';
import { nodeHttpClient } from '../shared/http';
import { outcomesToItems, settleItems } from '../shared/items';
import { parameterReader } from '../shared/parameters';
import { waitingReviews } from '../shared/reviews';
import { openStore } from '../shared/store';
import { agentSource, nodeAgents, noAgents } from './agents';
import { callerOf, nodeManager } from './manager';
import type { Operation } from './operation';
import {
	cancel,
	cancelAll,
	cancelStep,
	cleanUp,
	getDetails,
	getEvents,
	getMany as getExecutions,
	getResult,
	getStatus,
	pause,
	recover,
	resume,
	start,
} from './operations/execution';
import { getReviews } from './operations/inbox';
import { exportRun, getMetrics, renderPage } from './operations/monitor';
import { answerReview, listReviews } from './operations/review';
import {
	addStep,
	create,
	get,
	getMany as getWorkflows,
	remove,
	update,
	validate,
} from './operations/workflow';
import { ownerSchema, runtimeSchema } from './parameters';
import { properties } from './properties';
import { RUNNING_OPERATIONS } from './running';
import { nodeSearches } from './searches';

/** Every operation, by resource and by the value of the *Operation* field. */
const operations: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
	workflow: { addStep, create, delete: remove, get, getMany: getWorkflows, update, validate },
	execution: {
		answerReview,
		cancel,
		cancelAll,
		cancelStep,
		cleanUp,
		getDetails,
		getEvents,
		getMany: getExecutions,
		getResult,
		getStatus,
		listReviews,
		pause,
		recover,
		resume,
		start,
	},
	monitor: { exportRecording: exportRun, getMetrics, getReviews, renderPage },
};

/** Items worked on at the same time. */
const AT_ONCE = 10;

/** Does the chosen operation for every input item. */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const resource = String(context.getNodeParameter('resource', 0));
	const name = String(context.getNodeParameter('operation', 0));
	const operation = operations[resource]![name]!;
	const read = parameterReader(context, operation.schema, properties);
	const readOwner = parameterReader(context, ownerSchema, properties);
	const readRuntime = parameterReader(context, runtimeSchema, properties);
	const runs = resource === 'execution' && (RUNNING_OPERATIONS as readonly string[]).includes(name);
	const source = runs ? await agentSource(context) : undefined;
	const signal = cancelSignalOf(context);
	const outcomes = await settleItems(context.getInputData(), AT_ONCE, async (_, itemIndex) => {
		const parameters = read(itemIndex);
		const runtime = readRuntime(itemIndex);
		const agents = source === undefined ? noAgents : await nodeAgents(source, runtime, itemIndex);
		const { owner } = readOwner(itemIndex).options;
		const store = await openStore(context);
		const manager = nodeManager({
			context,
			store,
			owner,
			agents,
			searches: nodeSearches(nodeHttpClient(context), runtime.options.searchDefaults),
		});
		return await operation.run(parameters, {
			manager,
			store,
			openReviews: async (query) => await waitingReviews(context, store, query),
			signal,
			...callerOf(owner),
		});
	});
	return [outcomesToItems(context, outcomes, (items) => items, source?.models.redact)];
}
