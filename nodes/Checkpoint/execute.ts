import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { errorItem, paired, settleItems } from '../shared/items';
import { parameterReader } from '../shared/parameters';
import { runKeyOf } from '../shared/steps';
import { openStore } from '../shared/store';
import type { Operation, Routed } from './operation';
import { load, save, skipIfDone } from './operations/checkpoint';
import { OUTPUTS } from './outputs';
import { properties } from './properties';

/** Every operation by the value of the *Operation* field. */
const operations: Readonly<Record<string, Operation>> = { load, save, skipIfDone };

const AT_ONCE = 20;

/** Does the chosen operation for every input item. */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const name = String(context.getNodeParameter('operation', 0));
	const operation = operations[name]!;
	const readParameters = parameterReader(context, operation.schema, properties);
	const outcomes = await settleItems(
		context.getInputData(),
		operation.atOnce ?? AT_ONCE,
		async (item, itemIndex) => {
			const parameters = readParameters(itemIndex);
			const runKey = operation.withoutRun === true ? '' : runKeyOf(context, itemIndex);
			const store = await openStore(context);
			return await operation.run(parameters, { item, itemIndex, store, runKey });
		},
	);
	const routed = outcomes.flatMap((outcome, itemIndex): Routed[] =>
		outcome.ok
			? outcome.value.map(({ output, item }) => ({ output, item: paired(item, itemIndex) }))
			: [{ item: errorItem(context, outcome.error, itemIndex) }],
	);
	return byOutput(routed, OUTPUTS[name]?.length ?? 1);
}

function byOutput(routed: readonly Routed[], count: number): INodeExecutionData[][] {
	const outputs = Array.from({ length: count }, (): INodeExecutionData[] => []);
	for (const { output = 0, item } of routed) outputs[output]!.push(item);
	return outputs;
}
