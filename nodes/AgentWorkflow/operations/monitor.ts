import {
	answerMonitorCall,
	exportRecording,
	mergedRuns,
	nodeRuns,
	poolMetrics,
	storeMetrics,
	workflowRuns,
} from '../../../lib';
import type { RunSource } from '../../../lib';
import { n8nRuntime } from '../../shared/runtime';
import { pool } from '../manager';
import { item, operation } from '../operation';
import type { ItemContext } from '../operation';
import { executionSchema, noneSchema, renderPageSchema } from '../parameters';

/** A web page as an item: what a *Respond to Webhook* node sends. */
export const renderPage = operation({
	schema: renderPageSchema,
	run: async ({ query, options: { reviewLinks } }, context) => {
		const { statusCode, headers, body } = await answerMonitorCall(
			runsOf(context, reviewLinks),
			query,
			n8nRuntime.now(),
		);
		return item({ statusCode, headers, html: body });
	},
});

/** Metrics as an item: what has happened in this process, and what the store holds. */
export const getMetrics = operation({
	schema: noneSchema,
	run: async (_parameters, { manager, store }) => {
		const ofProcess = manager.metricsText() + poolMetrics(pool.snapshot());
		const text = ofProcess + (await storeMetrics(store, n8nRuntime));
		return item({ metrics: text, contentType: 'text/plain; version=0.0.4; charset=utf-8' });
	},
});

/** A recorded execution as one item, to be kept as a file and replayed. */
export const exportRun = operation({
	schema: executionSchema,
	run: async ({ executionId }, { store, caller }) =>
		item(await exportRecording(store, n8nRuntime, executionId, caller)),
});

/** An owner sees its own executions; everybody sees the runs of the nodes, too. */
function runsOf({ store, caller }: ItemContext, reviewLinks: boolean): RunSource {
	const options = { store, runtime: n8nRuntime, reviewLinks };
	if (caller !== undefined) return workflowRuns({ ...options, owner: caller });
	return mergedRuns([workflowRuns(options), nodeRuns(options)]);
}
