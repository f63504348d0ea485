import { ValidationError } from '../core';
import type { GraphStep } from './definition';
import { checkedDependencies, type CheckedGraph } from './graph';
import { checkInterval } from './periodic';
import type { RunCore } from './runCore';
import { Step } from './step';
import { stepPlan, type StepPlan } from './stepPlan';
import { wire } from './wiring';

/** Makes the steps of a graph and the gates between them. Nothing takes part yet. */
export function putSteps(run: RunCore, graph: CheckedGraph): void {
	for (const plan of graph.plans) makeStep(run, plan);
	for (const step of run.list) if (!step.plan.counts) putGates(run, step);
}

/**
 * Makes one more step.
 *
 * @throws {ValidationError} when the id is taken, a dependency does not exist, or the run has ended
 */
export function putStep(run: RunCore, stepId: string, step: GraphStep): Step {
	if (run.ending || run.stopping !== undefined) {
		throw new ValidationError(`Step "${stepId}" comes too late: the run is ${run.status}.`);
	}
	const { steps, list } = run;
	if (steps.has(stepId)) throw new ValidationError(`There already is a step "${stepId}".`);
	const dependencies = checkedDependencies(stepId, step, (id) => steps.has(id));
	const sources = dependencies.map(({ on }) => steps.get(on)!.plan.index);
	const onDemand = step.onDemand === true;
	const added = makeStep(run, stepPlan(stepId, list.length, step, onDemand, dependencies, sources));
	// The plans of the others are shared with other runs: none of them can count this one.
	putGates(run, added);
	run.events.emit('step.added', stepId);
	return added;
}

function makeStep(run: RunCore, plan: StepPlan): Step {
	const step = new Step(plan);
	run.steps.add(step);
	run.progress.add(step);
	return step;
}

function putGates(run: RunCore, step: Step): void {
	const { incoming } = wire(run, step);
	if (step.plan.temporal) for (const edge of incoming) checkInterval(run, edge);
}
