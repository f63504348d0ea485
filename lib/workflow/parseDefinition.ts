import { parse, ValidationError } from '../core';
import type { StepDefinition, WorkflowDefinition } from './definition';
import { stepSchema, workflowSchema, type WrittenStep } from './definitionSchema';
import { checkGraph, graphError } from './graph';

/**
 * Reads a workflow: the JSON of documents 001 and 003, in snake_case or camelCase, or the normal
 * form itself, which comes out unchanged.
 *
 * - A step without an id gets `step-1`, `step-2`, … by its place.
 * - When no step says what it depends on or where to go next, the steps run one after another, as
 *   in document 003; otherwise a step that depends on nothing starts at once, as in document 001.
 *   `order` (`sequence` or `graph`) says it outright; `depends_on: []` says it for one step.
 *
 * @throws {ValidationError} naming each path, what was expected and what was received; and, for
 * dependencies, unknown and repeated ids and cycles
 */
export function parseDefinition(value: unknown): WorkflowDefinition {
	const { order: wanted, steps: written, ...rest } = parse(workflowSchema, value, 'Workflow');
	const order = wanted ?? (written.some(saysOrder) ? 'graph' : 'sequence');
	const steps = withIds(written).map((step, index, all) => inOrder(step, all[index - 1], order));
	const problems = checkGraph(steps);
	if (problems.length > 0) throw graphError(rest.name, problems);
	return { ...rest, order, steps };
}

/**
 * The workflow with one more step at its end. In a sequence it follows the last step unless it says
 * otherwise.
 *
 * @param step - as in the `steps` of {@link parseDefinition}
 * @throws {ValidationError} as {@link parseDefinition}
 */
export function addStep(definition: WorkflowDefinition, step: unknown): WorkflowDefinition {
	const added: WrittenStep = parse(stepSchema, step, 'Step');
	return parseDefinition({ ...definition, steps: [...definition.steps, added] });
}

/**
 * The workflow without a step. Dependencies on the step disappear with it.
 *
 * @throws {ValidationError} when there is no such step
 */
export function removeStep(definition: WorkflowDefinition, stepId: string): WorkflowDefinition {
	const steps = definition.steps.filter(({ id }) => id !== stepId);
	if (steps.length === definition.steps.length) {
		throw new ValidationError(`Workflow "${definition.name}" has no step "${stepId}".`, {
			details: { stepId },
		});
	}
	const others = (ids: readonly string[]) => ids.filter((id) => id !== stepId);
	return parseDefinition({
		...definition,
		...(definition.start === undefined ? {} : { start: others(definition.start) }),
		steps: steps.map((step) => ({
			...step,
			dependencies: step.dependencies.filter(({ on }) => on !== stepId),
			...(step.next === undefined ? {} : { next: others(step.next) }),
		})),
	});
}

/** Whether a step says anything about its place among the others. */
function saysOrder({ dependencies, next, kind }: WrittenStep): boolean {
	return dependencies !== undefined || next !== undefined || kind === 'branch' || kind === 'qa';
}

type Named = WrittenStep & Pick<StepDefinition, 'id'>;

function withIds(written: readonly WrittenStep[]): Named[] {
	const taken = new Set(written.map(({ id }) => id));
	return written.map((step, index) => {
		if (step.id !== undefined) return { ...step, id: step.id };
		let number = index + 1;
		while (taken.has(`step-${number}`)) number++;
		taken.add(`step-${number}`);
		return { ...step, id: `step-${number}` };
	});
}

function inOrder(
	step: Named,
	previous: Named | undefined,
	order: WorkflowDefinition['order'],
): StepDefinition {
	if (step.dependencies !== undefined) return { ...step, dependencies: step.dependencies };
	if (order === 'graph' || previous === undefined) return { ...step, dependencies: [] };
	return { ...step, dependencies: [{ on: previous.id, type: 'required' }] };
}
