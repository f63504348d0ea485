import { toJson, type Json, type JsonObject, type SerializedError } from '../core';
import type { Path } from './path';

/** What templates and predicates may learn of the steps of a run. */
export interface StepView {
	/** `undefined` while the step has not completed. */
	output(stepId: string): unknown;
	status(stepId: string): string | undefined;
	error(stepId: string): SerializedError | undefined;
}

/** The steps of one run, inside another one or not. */
export interface OwnSteps extends StepView {
	/** Whether the step is one of this run. */
	has(stepId: string): boolean;
}

/**
 * The data that paths lead into: `input` and whatever else the run offers, and for each step that
 * is named `steps.<id>` with `output`, `status` and `error`, as far as there are any.
 *
 * @param paths - only steps that these name are put in, so that a large run costs nothing
 */
export function scopeFor(paths: readonly Path[], view: StepView, names: JsonObject): JsonObject {
	const steps: JsonObject = {};
	for (const [root, stepId] of paths) {
		if (root === 'steps' && stepId !== undefined) steps[stepId] = stepScope(view, String(stepId));
	}
	return { ...names, steps };
}

function stepScope(view: StepView, stepId: string): JsonObject {
	const output = view.output(stepId);
	const status = view.status(stepId);
	const error = view.error(stepId);
	return {
		...(output === undefined ? {} : { output: output as Json }),
		...(status === undefined ? {} : { status }),
		...(error === undefined ? {} : { error: toJson(error) }),
	};
}

/** The steps of an inner run, and behind them those of the run around it. */
export function nestedView(inner: OwnSteps, outer: StepView | undefined): StepView {
	if (outer === undefined) return inner;
	const of = (stepId: string): StepView => (inner.has(stepId) ? inner : outer);
	return {
		output: (stepId) => of(stepId).output(stepId),
		status: (stepId) => of(stepId).status(stepId),
		error: (stepId) => of(stepId).error(stepId),
	};
}
