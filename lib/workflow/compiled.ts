import type { BudgetLedger, RunBudget } from '../budget';
import { toJson, type Json, type JsonObject, type Logger, type Runtime } from '../core';
import type { ResourcePool } from '../resources';
import type { Journal } from '../run';
import type { BodyContext, CheckedGraph, ConditionView, WaitForOptions } from '../scheduler';
import type { WorkflowDefinition } from './definition';
import { holds, predicatePaths, type Predicate } from './predicate';
import { nestedView, scopeFor, type OwnSteps, type StepView } from './scope';
import type { StepKinds } from './stepKind';

/** What a run of a workflow brings along besides the workflow itself. */
export interface CompileOptions {
	kinds: StepKinds;
	runtime: Runtime;
	/** What the run works on: `input` in templates. Default: null. */
	input?: Json;
	/** More names for templates, e.g. `run`. */
	names?: JsonObject;
	/** Where inner runs remember their steps. Default: nowhere. */
	journal?: Journal;
	/** What inner runs take their resources from. Default: nothing. */
	pool?: ResourcePool;
	logger?: Logger;
	/**
	 * The ledger of a run that goes on; the workflow's budget holds in it. Default: a new one, when
	 * the workflow has a budget.
	 */
	ledger?: BudgetLedger;
}

/** The run around an inner one. */
export interface OuterRun {
	view: StepView;
	ids: readonly string[];
	waitFor(name: string, options: WaitForOptions): Promise<unknown>;
}

/** What the parts of a compiled workflow share. */
export interface Compiled {
	definition: WorkflowDefinition;
	options: CompileOptions;
	outer: OuterRun | undefined;
	/** What templates see besides the steps. */
	names: JsonObject;
	ids: ReadonlySet<string>;
	targets: ReadonlyMap<string, readonly string[]>;
	/** Compiles a workflow inside a step. */
	compileInner(
		definition: WorkflowDefinition,
		options: CompileOptions,
		outer: OuterRun,
	): CompiledWorkflow;
}

/** A workflow ready to run. */
export interface CompiledWorkflow {
	/** For `startGraph` and `restoreGraph`. */
	graph: CheckedGraph;
	/** For their options: what the calls of the steps are paid from. */
	budget?: RunBudget;
	/**
	 * What a run gives back, see the workflow's `output`.
	 *
	 * @param outputs - of the completed steps, by id
	 */
	outputOf: (outputs: Readonly<Record<string, unknown>>) => Json;
}

/** Whether a predicate holds for the run as it is; why it cannot be decided goes to the log. */
export function holdsIn(
	predicate: Predicate,
	view: OwnSteps,
	{ names, options, outer }: Compiled,
	more: JsonObject = {},
): boolean {
	const scope = scopeFor(predicatePaths(predicate), nestedView(view, outer?.view), {
		...names,
		...more,
	});
	return holds(predicate, scope, (message) => options.logger?.log('warn', message));
}

/** The steps of the run, and behind them those of the run around it. */
export function nested({ outer }: Pick<Compiled, 'outer'>, view: OwnSteps): StepView {
	return nestedView(view, outer?.view);
}

/** What conditions and inputs can see of the steps. */
export function conditionView({ ids }: Compiled, view: ConditionView): OwnSteps {
	return {
		has: (id) => ids.has(id),
		output: (id) => view.output(id),
		status: (id) => view.status(id),
		error: () => undefined,
	};
}

/** What a running step can see of the others. */
export function contextView({ ids }: Compiled, context: BodyContext): OwnSteps {
	return {
		has: (id) => ids.has(id),
		output: (id) => context.output(id),
		status: (id) => context.deps[id]?.status,
		error: (id) => context.deps[id]?.error,
	};
}

/** What is left of the steps when the run has ended. */
export function outputsView(
	{ ids }: Compiled,
	outputs: Readonly<Record<string, unknown>>,
): OwnSteps {
	return {
		has: (id) => ids.has(id),
		output: (id) => (Object.hasOwn(outputs, id) ? toJson(outputs[id]) : undefined),
		status: (id) => (Object.hasOwn(outputs, id) ? 'completed' : undefined),
		error: () => undefined,
	};
}
