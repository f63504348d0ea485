import type { Json, JsonObject } from '../core';
import type { WorkflowDefinition } from './definition';
import { scopeFor, type StepView } from './scope';
import { compileTemplate } from './template';

/**
 * What a run gives back: the workflow's `output` template filled in; without one, the output of the
 * last step, or an object of outputs by step id when several are last. A step is last when no step
 * depends on it and it leads to none.
 *
 * @param names - what templates see besides the steps
 * @throws {TemplateError} as `compileTemplate`
 */
export function workflowOutput(
	definition: WorkflowDefinition,
	targets: (stepId: string) => readonly string[],
	view: StepView,
	names: JsonObject,
): Json {
	const { output, missing = 'error' } = definition;
	if (output !== undefined) {
		const template = compileTemplate(output, { missing });
		return template.render(scopeFor(template.paths, view, names));
	}
	const last = lastSteps(definition, targets);
	if (last.length === 1) return (view.output(last[0]!) as Json | undefined) ?? null;
	const completed = last.filter((id) => view.output(id) !== undefined);
	return Object.fromEntries(completed.map((id) => [id, view.output(id) as Json]));
}

function lastSteps(
	{ steps }: WorkflowDefinition,
	targets: (stepId: string) => readonly string[],
): string[] {
	const followed = new Set(steps.flatMap(({ dependencies }) => dependencies.map(({ on }) => on)));
	return steps.map(({ id }) => id).filter((id) => !followed.has(id) && targets(id).length === 0);
}
