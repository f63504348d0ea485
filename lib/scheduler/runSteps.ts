import { ValidationError } from '../core';
import type { GraphStep } from './definition';
import type { Dependency } from './dependency';
import { checkedDependencies, type CheckedGraph } from './graph';
import { checkInterval } from './periodic';
import type { RunCore } from './runCore';
import { connect, Step } from './step';

/** Makes the steps of a graph and the edges between them. Nothing takes part yet. */
export function putSteps(run: RunCore, graph: CheckedGraph): void {
	graph.steps.forEach((step, id) => makeStep(run, id, step, graph.onDemand.has(id)));
	const { list } = run;
	graph.dependencies.forEach((dependencies, place) => {
		if (dependencies.length === 0) return;
		const sources = graph.sources[place]!;
		join(run, list[place]!, dependencies, (position) => list[sources[position]!]!);
	});
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
	const { steps } = run;
	if (steps.has(stepId)) throw new ValidationError(`There already is a step "${stepId}".`);
	const dependencies = checkedDependencies(stepId, step, (id) => steps.has(id));
	const added = makeStep(run, stepId, step, step.onDemand === true);
	join(run, added, dependencies, (position) => steps.get(dependencies[position]!.on)!);
	run.events.emit('step.added', stepId);
	return added;
}

function makeStep(run: RunCore, id: string, definition: GraphStep, onDemand: boolean): Step {
	const step = new Step(id, run.list.length, definition, onDemand);
	run.steps.add(step);
	run.progress.add(step);
	return step;
}

/** @param sourceOf - the step that a dependency is on, by its position among the dependencies */
function join(
	run: RunCore,
	step: Step,
	dependencies: readonly Dependency[],
	sourceOf: (position: number) => Step,
): void {
	connect(step, dependencies, sourceOf);
	if (step.temporal) for (const edge of step.incoming) checkInterval(run, edge);
}
