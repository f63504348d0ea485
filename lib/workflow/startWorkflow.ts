import { serializeError, type Json, type JsonObject } from '../core';
import { startGraph, type GraphRun, type GraphRunOptions, type RunResult } from '../scheduler';
import { compileWorkflow } from './compile';
import type { CompiledWorkflow, CompileOptions } from './compiled';
import { builtInKinds } from './kinds';
import { parseDefinition } from './parseDefinition';
import { stepKinds, type AnyStepKind } from './stepKind';

/** How a workflow is run. */
export interface WorkflowRunOptions
	extends Omit<GraphRunOptions, 'budget' | 'input'>,
		Pick<CompileOptions, 'ledger'> {
	/** What the run works on. Default: null. */
	input?: Json;
	/** Step kinds besides the built-in ones, e.g. `httpKind(client)`. */
	kinds?: readonly AnyStepKind[];
	/** More names for templates besides `input` and `steps`. */
	names?: JsonObject;
}

/** How a run of a workflow went. */
export interface WorkflowResult extends RunResult {
	/** What the workflow gives back, when it has completed. */
	output?: Json;
}

/** A run of a workflow under way. */
export interface WorkflowRun {
	/** Status, progress, pause, cancel, questions and answers. */
	run: GraphRun;
	/** How it went. Never rejects because of a step. */
	result: Promise<WorkflowResult>;
}

/**
 * Starts a workflow that needs no manager: nothing of it is stored.
 *
 * @param definition - as for {@link parseDefinition}
 * @throws {ValidationError} listing everything that keeps it from running
 */
export function startWorkflow(definition: unknown, options: WorkflowRunOptions): WorkflowRun {
	const { kinds = [], names, ledger, ...runOptions } = options;
	const parsed = parseDefinition(definition);
	const { runtime, input, journal, pool, logger } = options;
	const shared = { runtime, input, names, journal, pool, logger, ledger };
	const compiled = compileWorkflow(parsed, {
		...shared,
		kinds: stepKinds(...builtInKinds, ...kinds),
	});
	const { graph, budget } = compiled;
	const { maxConcurrent, timeoutMs } = parsed;
	const run = startGraph(graph, { maxConcurrent, timeoutMs, budget, ...runOptions });
	return { run, result: run.result.then((result) => withOutput(result, compiled)) };
}

/** Runs a workflow to its end; see {@link startWorkflow}. */
export async function runWorkflow(
	definition: unknown,
	options: WorkflowRunOptions,
): Promise<WorkflowResult> {
	return await startWorkflow(definition, options).result;
}

/** A workflow whose output cannot be made has failed. */
function withOutput(result: RunResult, { outputOf }: CompiledWorkflow): WorkflowResult {
	if (result.status !== 'completed') return result;
	try {
		return { ...result, output: outputOf(result.outputs) };
	} catch (error) {
		return { ...result, status: 'failed', outcome: 'failure', error: serializeError(error) };
	}
}
