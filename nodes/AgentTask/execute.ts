import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { errorClassOf } from '../../lib';
import { type ItemOutcome, outcomesToItems, settleItems } from '../shared/items';
import { parameterReader } from '../shared/parameters';
import { openSteps } from '../shared/steps';
import { Connections } from './connections';
import type { NodeRun } from './itemContext';
import { runItem } from './itemRun';
import { modelSource } from './modelSource';
import { NotCompleted } from './notCompleted';
import { defaultItem, doneItem } from './outputItem';
import { type Parameters, parametersSchema } from './parameters';
import { decisionIn, itemForPerson } from './person';
import { properties } from './properties';
import { asksPeople } from './task';
import { Wallets } from './wallets';

/** What becomes of an input item, and on which output. */
interface Result {
	output: 'done' | 'person';
	item: INodeExecutionData;
}

/** Runs Agent Task: one task for each item, several items at the same time. */
export async function executeAgentTask(
	context: IExecuteFunctions,
): Promise<INodeExecutionData[][]> {
	const items = context.getInputData();
	const read = parameterReader(context, parametersSchema, properties);
	const connections = new Connections(context);
	const source = await modelSource(context, connections);
	const wallets = new Wallets();
	const { name } = context.getNode();
	const run: NodeRun = {
		context,
		name,
		connections,
		source,
		wallets,
		builtInKnowledge: new Map(),
	};
	const atOnce = context.getNodeParameter('options.itemsAtOnce', 0, 5) as number;
	let people = false;
	const outcomes = await settleItems(items, atOnce, async (item, itemIndex) => {
		const parameters = read(itemIndex);
		people ||= asksPeople(parameters);
		return await resultOf(run, parameters, item, itemIndex);
	});
	await wallets.close();
	const done = outcomesToItems(context, outcomes, only('done'), source.redact);
	if (!people) return [done];
	// Failures are on the first output already.
	const answered = outcomes.map(
		(outcome): ItemOutcome<Result | undefined> => (outcome.ok ? outcome : NOTHING),
	);
	return [done, outcomesToItems(context, answered, only('person'))];
}

const NOTHING = { ok: true, value: undefined } as const;

function only(output: Result['output']) {
	return (result: Result | undefined) => (result?.output === output ? [result.item] : []);
}

async function resultOf(
	run: NodeRun,
	parameters: Parameters,
	item: INodeExecutionData,
	itemIndex: number,
): Promise<Result> {
	return await runItem(run, parameters, itemIndex, decisionIn(item.json)).then(
		(task) => ({ output: 'done' as const, item: doneItem(task) }),
		async (error: unknown) => await afterFailure(run, parameters, item, itemIndex, error),
	);
}

/** What the options say about a task that gave no result. */
async function afterFailure(
	{ context }: NodeRun,
	parameters: Parameters,
	item: INodeExecutionData,
	itemIndex: number,
	error: unknown,
): Promise<Result> {
	const { onExhausted } = parameters.options;
	const cancelled = errorClassOf(error) === 'abort';
	if (error instanceof NotCompleted && !cancelled) {
		const waits = error.end.status === 'waiting';
		if (onExhausted === 'person' || (waits && asksPeople(parameters))) {
			const { store, runKey } = await openSteps(context, itemIndex);
			return { output: 'person', item: await itemForPerson(store, runKey, item, error) };
		}
		if (onExhausted === 'default') {
			return { output: 'done', item: defaultItem(error, parameters.options.defaultValue) };
		}
	}
	return await Promise.reject(error as Error);
}
