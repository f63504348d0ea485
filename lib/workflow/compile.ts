import {
	defineGraph,
	type ConditionView,
	type DependencyConfig,
	type GraphStep,
} from '../scheduler';
import { checkSteps } from './checkSteps';
import {
	conditionView,
	holdsIn,
	nested,
	outputsView,
	type Compiled,
	type CompiledWorkflow,
	type CompileOptions,
	type OuterRun,
} from './compiled';
import type { StepDefinition, StepDependency, WorkflowDefinition } from './definition';
import { graphError } from './graph';
import { prepareWork, type PreparedWork } from './prepareWork';
import { runCompensation, runStep } from './runStep';
import { runBudget } from './workflowBudget';
import { workflowOutput } from './workflowOutput';

/**
 * Turns a workflow into a graph for the scheduler, for one run. Nothing starts.
 *
 * @throws {ValidationError} listing everything that keeps it from running
 */
export function compileWorkflow(
	definition: WorkflowDefinition,
	options: CompileOptions,
	outer?: OuterRun,
): CompiledWorkflow {
	const { problems, targets } = checkSteps(definition, options.kinds, outer?.ids);
	if (problems.length > 0) throw graphError(definition.name, problems);
	const compiled: Compiled = {
		definition,
		options,
		outer,
		names: { ...options.names, input: options.input ?? null },
		ids: new Set(definition.steps.map(({ id }) => id)),
		targets,
		compileInner: compileWorkflow,
	};
	const steps = definition.steps.map((step) => [step.id, graphStep(step, compiled)] as const);
	const graph = defineGraph({
		name: definition.name,
		steps: Object.fromEntries(steps),
		...(definition.start === undefined ? {} : { start: definition.start }),
	});
	const budget = outer === undefined ? runBudget(definition, options.ledger) : undefined;
	return {
		graph,
		...(budget && { budget }),
		outputOf: (outputs) =>
			workflowOutput(
				definition,
				(id) => targets.get(id)!,
				nested(compiled, outputsView(compiled, outputs)),
				compiled.names,
			),
	};
}

function graphStep(step: StepDefinition, compiled: Compiled): GraphStep {
	const { defaults = {} } = compiled.definition;
	const { retry = defaults.retry, timeout = defaults.timeout, condition, compensate } = step;
	const prepare = prepareWork(step, step.dependencies, compiled);
	return {
		run: async (context) => await runStep(step, context, compiled),
		input: (view): PreparedWork => prepare(nested(compiled, conditionView(compiled, view))),
		dependsOn: step.dependencies.map((dependency) => withCondition(dependency, compiled)),
		next: compiled.targets.get(step.id)!,
		...(condition !== undefined && {
			when: (view) => holdsIn(condition, conditionView(compiled, view), compiled),
		}),
		...(retry && { retry }),
		...(timeout && { timeouts: timeout }),
		...(compensate && {
			compensate: async (context) => await runCompensation(step, compensate, context, compiled),
			...(compensate.retry && { compensateRetry: compensate.retry }),
		}),
		quotaKeys: quotaKeysOf(step),
		...pick(step, ['resources', 'optional', 'restartable', 'preemptible']),
		...pick(step, ['maxIterations', 'weight', 'compensateOnFailure']),
		...(step.name === undefined ? {} : { description: step.name }),
	};
}

/** What quotas can name: all steps of a kind, all of an agent, and what the step says itself. */
function quotaKeysOf({ kind, agent, quotas = [] }: StepDefinition): string[] {
	return [`kind:${kind}`, ...(agent === undefined ? [] : [`agent:${agent}`]), ...quotas];
}

function withCondition(
	{ condition, ...rest }: StepDependency,
	compiled: Compiled,
): DependencyConfig & { on: string } {
	if (condition === undefined) return rest;
	return {
		...rest,
		condition: (view: ConditionView) => holdsIn(condition, conditionView(compiled, view), compiled),
	};
}

function pick<Value extends object, Name extends keyof Value>(
	value: Value,
	names: readonly Name[],
): Partial<Pick<Value, Name>> {
	const entries = names
		.filter((name) => value[name] !== undefined)
		.map((name) => [name, value[name]]);
	return Object.fromEntries(entries) as Partial<Pick<Value, Name>>;
}
