import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { outcomesToItems, settleItems } from '../shared/items';
import { parameterReader } from '../shared/parameters';
import { Connections } from './connections';
import { type NodeRun, runItem } from './itemRun';
import { modelSource } from './modelSource';
import { doneItem } from './outputItem';
import { parametersSchema } from './parameters';
import { properties } from './properties';
import { Wallets } from './wallets';

/** Runs Agent Task: one task for each item, several items at the same time. */
export async function executeAgentTask(
	context: IExecuteFunctions,
): Promise<INodeExecutionData[][]> {
	const items = context.getInputData();
	const read = parameterReader(context, parametersSchema, properties);
	const connections = new Connections(context);
	const source = await modelSource(context, connections);
	const wallets = new Wallets();
	const run: NodeRun = { context, connections, source, wallets };
	const atOnce = context.getNodeParameter('options.itemsAtOnce', 0, 5) as number;
	const outcomes = await settleItems(
		items,
		atOnce,
		async (_item, itemIndex) => await runItem(run, read(itemIndex), itemIndex),
	);
	await wallets.close();
	return [outcomesToItems(context, outcomes, (task) => [doneItem(task)], source.redact)];
}
