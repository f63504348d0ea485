import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { redactor, ResourcePool, serializeError, ValidationError } from '../../../lib';
import type { Redactor } from '../../../lib';
import { cancellable } from '../../shared/cancelWish';
import { n8nRuntime } from '../../shared/runtime';
import { outputsOf } from '../output';
import { pairedWith } from '../pairedWith';
import type { Settings } from '../parameters';
import { Reports } from '../reports';
import type { EndedTask } from '../task';
import { graphNode } from './kinds';
import { planGraphs } from './plan';
import type { BrokenGraph, PlannedGraph } from './plan';
import { runGraph } from './run';
import type { GraphEnd } from './run';

/** All graphs of the node at the same time, their tasks joined into two outputs. */
export async function executeGraphs(
	context: IExecuteFunctions,
	settings: Settings,
): Promise<INodeExecutionData[][]> {
	const graphs = planGraphs(context, settings);
	checkKeys(graphs);
	const node = graphNode(context, settings);
	const pool = poolOf(settings);
	const ends = await cancellable(
		context,
		async (signal) =>
			await Promise.all(
				graphs.map(async (graph) =>
					'error' in graph
						? brokenEnd(graph)
						: await runGraph(node, graph, pool, signal).catch((error: unknown) =>
								brokenEnd({ ...graph, error }),
							),
				),
			),
	);
	const redact = (await node.redact()) ?? redactor();
	return settings.options.graphOutput === 'result'
		? results(graphs, ends, redact)
		: outputsOf(settings, ...joined(ends, redact));
}

/** What the tasks of all graphs take from; the same types as a definition names. */
function poolOf({ options }: Settings): ResourcePool {
	const { resources, quotas } = options;
	return new ResourcePool(
		{ ...(resources && { totals: resources }), ...(quotas && { quotas }) },
		n8nRuntime,
	);
}

function checkKeys(graphs: ReadonlyArray<PlannedGraph | BrokenGraph>): void {
	const seen = new Set<string>();
	for (const { key } of graphs) {
		if (seen.has(key)) {
			throw new ValidationError(`Two items have the same Task Key "${key}".`, {
				hint: 'Let the expression of Task Key give a different text for every item',
			});
		}
		seen.add(key);
	}
}

/** A graph that cannot run is one failed task, so that the graphs of other items are not lost. */
function brokenEnd({ key, itemIndex, error }: BrokenGraph): GraphEnd {
	const failed = { key, status: 'failed', attempts: 0, durationMs: 0 } as const;
	const told = { itemIndexes: [itemIndex], report: {} };
	const failure = { status: 'failed', error: serializeError(error) } as const;
	return { tasks: [{ ...failed, ...told, error: failure.error }], output: undefined, failure };
}

/** The tasks of all graphs as those of one fan-out. */
function joined(
	ends: readonly GraphEnd[],
	redact: Redactor,
): [Parameters<typeof outputsOf>[1], EndedTask[]] {
	const reports = new Reports();
	const all = ends.flatMap(({ tasks }) => tasks);
	const ended = all.map((task, index) => {
		reports.add(index, task.report);
		return { ...task, index };
	});
	return [{ tasks: all, reports, redact }, ended];
}

/** One item for each graph: what it gives back, or why it did not complete. */
function results(
	graphs: ReadonlyArray<PlannedGraph | BrokenGraph>,
	ends: readonly GraphEnd[],
	redact: Redactor,
): INodeExecutionData[][] {
	const done: INodeExecutionData[] = [];
	const failed: INodeExecutionData[] = [];
	for (const [index, { output, failure, tasks }] of ends.entries()) {
		const { key } = graphs[index]!;
		const pairedItem = pairedWith([...new Set(tasks.flatMap(({ itemIndexes }) => itemIndexes))]);
		const counts = {
			completed: tasks.filter(({ status }) => status === 'completed').length,
			total: tasks.length,
		};
		const error = failure?.error ?? failure?.cause ?? null;
		(failure === undefined ? done : failed).push({
			json: redact.json({
				key,
				index,
				status: failure?.status ?? 'completed',
				result: output ?? null,
				error: error as never,
				...counts,
			}) as INodeExecutionData['json'],
			pairedItem,
		});
	}
	return [done, failed];
}
