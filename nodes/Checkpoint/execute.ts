import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { reportPart } from '../../lib';
import type { Store } from '../../lib';
import { errorItem, paired, settleItems } from '../shared/items';
import { parameterReader } from '../shared/parameters';
import { n8nRuntime } from '../shared/runtime';
import { runKeyOf } from '../shared/steps';
import { openStore } from '../shared/store';
import type { Operation, Routed } from './operation';
import { load, save, skipIfDone } from './operations/checkpoint';
import { compare, getMany, remove } from './operations/manage';
import {
	exportOperation,
	fork,
	getManyRuns,
	importOperation,
	prune,
	removeRun,
} from './operations/run';
import { claim, confirm } from './operations/sideEffect';
import { OUTPUTS } from './outputs';
import { properties } from './properties';

/** Every operation by the value of the *Operation* field. */
const operations: Readonly<Record<string, Operation>> = {
	load,
	save,
	skipIfDone,
	compare,
	getMany,
	delete: remove,
	claim,
	confirm,
	getManyRuns,
	deleteRun: removeRun,
	prune,
	fork,
	export: exportOperation,
	import: importOperation,
};

/** Operations after which the record of the run says that something was saved. */
const WRITING = new Set(['save', 'claim', 'confirm']);

const AT_ONCE = 20;

/** Does the chosen operation for every input item. */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const name = String(context.getNodeParameter('operation', 0));
	const operation = operations[name]!;
	const readParameters = parameterReader(context, operation.schema, properties);
	const owner = `execution ${context.getExecutionId()}`;
	const runs = new Map<string, Store>();
	const outcomes = await settleItems(
		context.getInputData(),
		operation.atOnce ?? AT_ONCE,
		async (item, itemIndex) => {
			const parameters = readParameters(itemIndex);
			const runKey = operation.withoutRun === true ? '' : runKeyOf(context, itemIndex);
			const store = await openStore(context);
			if (WRITING.has(name)) runs.set(runKey, store);
			return await operation.run(parameters, { item, store, runKey, owner });
		},
	);
	await reportAll(context.getNode().name, runs);
	const routed = outcomes.flatMap((outcome, itemIndex): Routed[] =>
		outcome.ok
			? outcome.value.map(({ output, item }) => ({ output, item: paired(item, itemIndex) }))
			: [{ item: errorItem(context, outcome.error, itemIndex) }],
	);
	return byOutput(routed, OUTPUTS[name]?.length ?? 1);
}

/** Enters the runs into the list of runs, by which they are found and pruned. */
async function reportAll(part: string, runs: ReadonlyMap<string, Store>): Promise<void> {
	for (const [runKey, store] of runs) {
		const now = n8nRuntime.now();
		// The record informs; what is saved is not lost because it cannot be told.
		await reportPart(store, runKey, part, { status: 'completed' }, now).catch(() => undefined);
	}
}

function byOutput(routed: readonly Routed[], count: number): INodeExecutionData[][] {
	const outputs = Array.from({ length: count }, (): INodeExecutionData[] => []);
	for (const { output = 0, item } of routed) outputs[output]!.push(item);
	return outputs;
}
