import type { IExecuteFunctions, INodeExecutionData, WorkflowExecuteMode } from 'n8n-workflow';
import { z } from 'zod';

import { JOIN_WATCHERS, messageOf, parse, watchJoin } from '../../../lib';
import { nodeLogger } from '../../shared/logger';
import { n8nRuntime } from '../../shared/runtime';
import { openStore } from '../../shared/store';
import { isLeftAlone } from './abandoned';
import { startRunner, startWatcher } from './helpers';
import { loadPlan } from './plan';
import { runHere } from './runner';

const itemSchema = z.object({
	joinId: z.string(),
	parentId: z.string(),
	parentWorkflowId: z.string(),
	mode: z.custom<WorkflowExecuteMode>((value) => typeof value === 'string'),
	watcher: z.enum(['first', 'second']).default('first'),
});

type HelperItem = z.infer<typeof itemSchema>;

/** What a hidden execution of the node's helper does: runs tasks, or rests, and then watches that somebody does. */
export async function help(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const item = parse(itemSchema, context.getInputData()[0]?.json, 'Item of a helper');
	const passed = [{ json: { ...item }, pairedItem: { item: 0 } }];
	switch (context.getNodeParameter('role', 0, 'watch')) {
		case 'run':
			await runHere(context, item.joinId);
			return [passed, []];
		case 'rest':
			await context.putExecutionToWait(new Date(n8nRuntime.now() + JOIN_WATCHERS[item.watcher]));
			return [passed, []];
		default:
			return (await isDone(context, item)) ? [passed, []] : [[], passed];
	}
}

async function isDone(context: IExecuteFunctions, item: HelperItem): Promise<boolean> {
	const { joinId, parentId, watcher } = item;
	const look = async () => {
		const store = await openStore(context);
		return await watchJoin({
			store,
			runtime: n8nRuntime,
			joinId,
			watcher,
			ports: {
				isAbandoned: async () => {
					const plan = await loadPlan(store, joinId);
					return plan === undefined || (await isLeftAlone(context, store, plan));
				},
				startRunner: async () => await startRunner(context, item),
				startWatcher: async (other) => await startWatcher(context, store, item, other),
			},
		});
	};
	return await look().then(
		(outcome) => outcome === 'over',
		(error: unknown) => {
			// Such as a store that is just starting: the next look may find it well.
			nodeLogger(context).log('warn', 'A waiting Parallel Fan-out could not be looked after', {
				waitingExecution: parentId,
				message: messageOf(error),
			});
			return false;
		},
	);
}
