import { show, ValidationError } from '../core';
import type { EndpointsState } from '../resilience';
import { checkCheckpoint } from './checkpoint';
import type { CheckedGraph } from './graph';
import { GraphRun } from './graphRun';
import type { GraphRunOptions } from './options';

/**
 * Starts a run of a graph.
 *
 * @throws {ValidationError} when the options do not fit
 */
export function startGraph(graph: CheckedGraph, options: GraphRunOptions): GraphRun {
	checkOptions(options);
	const run = new GraphRun(graph, options);
	void run.begin();
	return run;
}

export interface RestoreOptions extends GraphRunOptions {
	/** Whether the graph may have another name than the one of the checkpoint. Default false. */
	renamed?: boolean;
}

/**
 * Goes on from a checkpoint, in this or another process. Completed steps keep their results.
 *
 * @param checkpoint - from {@link GraphRun.pause} or {@link GraphRun.checkpoint}
 * @param options - a `runId` of its own makes it another run, which begins with what this one had
 * @throws {ValidationError} when the checkpoint was changed or belongs to another graph
 */
export function restoreGraph(
	graph: CheckedGraph,
	checkpoint: unknown,
	{ renamed = false, ...options }: RestoreOptions,
): GraphRun {
	checkOptions(options);
	const checked = checkCheckpoint(checkpoint, renamed ? undefined : graph.name);
	const { runId = checked.runId, endpoints } = options;
	if (checked.endpoints !== undefined) endpoints?.restore(checked.endpoints as EndpointsState);
	const foreign = runId !== checked.runId;
	const run = new GraphRun(graph, { ...options, runId, input: checked.input }, checked);
	void run.begin(checked, foreign);
	return run;
}

function checkOptions({ maxConcurrent = Infinity }: GraphRunOptions): void {
	if (maxConcurrent === Infinity || (Number.isInteger(maxConcurrent) && maxConcurrent >= 1)) return;
	throw new ValidationError(
		`Run: maxConcurrent must be a whole number from 1, received ${show(maxConcurrent)}.`,
	);
}
