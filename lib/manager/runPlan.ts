import type { RunBudget } from '../budget';
import { toJson, type Json, type JsonObject } from '../core';
import { defineGraph, type BodyContext, type CheckedGraph } from '../scheduler';
import { compileWorkflow, type CompileOptions, type WorkflowDefinition } from '../workflow';
import type { ExecutionRecord } from './executionRecord';
import type { WorkflowType, WorkflowTypeContext } from './workflowType';

/** What a run does, ready for the scheduler. */
export interface RunPlan {
	graph: CheckedGraph;
	outputOf: (outputs: Readonly<Record<string, unknown>>) => Json;
	/** What its calls are paid from, when the workflow has a budget. */
	budget?: RunBudget;
}

/** What is to be run: steps, or a workflow type written in code. */
export type RunWork = { definition: WorkflowDefinition } | { type: WorkflowType };

/** Name of the only step of a workflow that is written in code. */
const ONLY_STEP = 'execute';

/**
 * The plan of a workflow: its own steps, or the one step of a workflow type written in code.
 *
 * @throws {ValidationError} when the workflow cannot run
 */
export function planOf(work: RunWork, options: CompileOptions): RunPlan {
	if ('definition' in work) return compileWorkflow(work.definition, options);
	const { type } = work;
	const run = (context: BodyContext) =>
		type.execute(context.runInput as Json, typeContext(context));
	return {
		graph: defineGraph({ name: type.type, steps: { [ONLY_STEP]: { run } } }),
		outputOf: (outputs) => toJson(outputs[ONLY_STEP]),
	};
}

function typeContext(context: BodyContext): WorkflowTypeContext {
	return {
		runId: context.runId,
		attempt: context.attempt,
		idempotencyKey: context.idempotencyKey,
		get signal() {
			return context.signal;
		},
		waitFor: async (name, options) => await context.waitFor(name, options),
		updateProgress: (percent, description) => context.progress(percent / 100, description),
	};
}

/** What templates can name besides `input` and `steps`. */
export function namesOf({ runId, workflowId, metadata }: ExecutionRecord): JsonObject {
	return toJson({ run: { id: runId, workflowId }, metadata }) as JsonObject;
}
