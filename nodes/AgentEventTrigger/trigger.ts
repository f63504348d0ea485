import type { INodeExecutionData, ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import {
	mergedRuns,
	messageOf,
	nodeRuns,
	noticesOf,
	parse,
	RunWatcher,
	workflowRuns,
} from '../../lib';
import type { RunNotice, RunSource, Store } from '../../lib';
import { nodeLogger } from '../shared/logger';
import { n8nRuntime } from '../shared/runtime';
import { openStore } from '../shared/store';
import { parametersSchema, type Parameters } from './parameters';

/** Runs that a test by hand looks through for an example. */
const RECENT = 20;

/** Watches the runs of a store, and starts the workflow with what happens in them. */
export async function trigger(context: ITriggerFunctions): Promise<ITriggerResponse> {
	const parameters = parse(
		parametersSchema,
		{
			events: context.getNodeParameter('events', []),
			options: context.getNodeParameter('options', {}),
		},
		'Agent Event Trigger',
	);
	const store = await openStore(context);
	const source = runsOf(store);
	if (context.getMode() === 'manual') {
		return {
			manualTriggerFunction: async () => context.emit([await latest(context, source, parameters)]),
		};
	}
	const stop = follow(context, watcherOf(context, store, source, parameters), parameters);
	return { closeFunction: async () => await stop() };
}

function runsOf(store: Store): RunSource {
	const options = { store, runtime: n8nRuntime };
	return mergedRuns([workflowRuns(options), nodeRuns(options)]);
}

function watcherOf(
	context: ITriggerFunctions,
	store: Store,
	source: RunSource,
	{ options }: Parameters,
): RunWatcher {
	// The same node of the same workflow goes on where it stopped, after a restart too.
	const name = `${String(context.getWorkflow().id)}/${context.getNode().id}`;
	const stalledAfterMs = options.stalledAfterMinutes * 60_000;
	return new RunWatcher({ store, runtime: n8nRuntime, source, name, stalledAfterMs });
}

/**
 * Looks again and again, and hands over what is new. What was handed over counts as told with the
 * next look: should n8n die in between, it is told again.
 *
 * @returns ends it
 */
function follow(
	context: ITriggerFunctions,
	watcher: RunWatcher,
	parameters: Parameters,
): () => Promise<void> {
	const ended = new AbortController();
	const logger = nodeLogger(context);
	const everyMs = parameters.options.everySeconds * 1000;
	const look = async () => {
		await watcher.confirm();
		const items = (await watcher.news()).filter(wanted(parameters)).map(itemOf);
		if (items.length > 0 && !ended.signal.aborted) context.emit([items]);
	};
	const work = (async () => {
		while (!ended.signal.aborted) {
			// A store that does not answer now is asked again.
			await look().catch((error: unknown) =>
				logger.log('warn', 'Runs could not be looked at; trying again.', {
					error: messageOf(error),
				}),
			);
			await n8nRuntime.sleep(everyMs, ended.signal).catch(() => undefined);
		}
	})();
	return async () => {
		ended.abort();
		await work;
		await watcher.confirm().catch(() => undefined);
	};
}

/** For a test by hand: the latest event that fits, so that there is data to build on. */
async function latest(
	context: ITriggerFunctions,
	source: RunSource,
	parameters: Parameters,
): Promise<INodeExecutionData[]> {
	const { runs } = await source.list({ limit: RECENT, offset: 0 });
	const stalledAfterMs = parameters.options.stalledAfterMinutes * 60_000;
	for (const { runId } of runs) {
		const run = await source.picture(runId);
		const found = run && noticesOf(run, { now: n8nRuntime.now(), stalledAfterMs });
		const fitting = found?.filter(wanted(parameters)).at(-1);
		if (fitting !== undefined) return [itemOf(fitting)];
	}
	throw new NodeOperationError(
		context.getNode(),
		`None of the last ${RECENT} runs of this store has had an event of this kind.`,
		{
			description:
				'Run a workflow with one of the Agent Swarm nodes first, choose more events, or publish this workflow and let events come.',
		},
	);
}

function wanted({ events, options }: Parameters): (notice: RunNotice) => boolean {
	return ({ type, name, runId }) =>
		events.includes(type) &&
		(name.includes(options.nameContains) || runId.includes(options.nameContains));
}

function itemOf({ at, ...notice }: RunNotice): INodeExecutionData {
	return { json: { ...notice, at: new Date(at).toISOString() } as INodeExecutionData['json'] };
}
