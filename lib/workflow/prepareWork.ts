import type { Json, JsonObject } from '../core';
import type { Compiled } from './compiled';
import type { StepDependency, StepWork } from './definition';
import { scopeFor, type StepView } from './scope';
import { compileTemplate } from './template';

/** The part of a step that depends on data, with its templates filled in: what the step works on. */
export interface PreparedWork {
	parameters: JsonObject;
	task: string | null;
	input: Json;
}

/**
 * Reads the templates of a step once, to be filled in each time it runs.
 *
 * @param dependencies - whose outputs are the input of work that says nothing of its input
 */
export function prepareWork(
	work: StepWork,
	dependencies: readonly StepDependency[],
	{ options, definition, names }: Compiled,
): (view: StepView, more?: JsonObject) => PreparedWork {
	const { missing = 'error' } = definition;
	const raw = options.kinds.get(work.kind)!.raw ?? [];
	const isRaw = ([name]: [string, unknown]): boolean => raw.includes(name);
	const all = Object.entries(work.parameters);
	const kept = Object.fromEntries(all.filter(isRaw));
	const filled = Object.fromEntries(all.filter((entry) => !isRaw(entry)));
	const { input, task = null } = work;
	const template = compileTemplate([filled, task, input ?? null], { missing });
	return (view, more = {}) => {
		const scope = scopeFor(template.paths, view, { ...names, ...more });
		const [parameters, what, given] = template.render(scope) as [JsonObject, Json, Json];
		return {
			parameters: { ...parameters, ...kept },
			task: typeof what === 'string' || what === null ? what : JSON.stringify(what),
			input: input === undefined ? usualInput(dependencies, view, names) : given,
		};
	};
}

function usualInput(
	dependencies: readonly StepDependency[],
	view: StepView,
	{ input }: JsonObject,
): Json {
	const outputOf = (id: string): Json => (view.output(id) as Json | undefined) ?? null;
	const [first, ...others] = dependencies;
	if (first === undefined) return input!;
	if (others.length === 0) return outputOf(first.on);
	return Object.fromEntries(dependencies.map(({ on }) => [on, outputOf(on)]));
}
