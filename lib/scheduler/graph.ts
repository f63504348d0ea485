import { ValidationError } from '../core';
import type { GraphDefinition, GraphStep } from './definition';
import { parseDependencies, type Dependency } from './dependency';
import { stepPlan, type StepPlan } from './stepPlan';

/** A checked graph: every id exists, nothing waits for itself. */
export interface CheckedGraph {
	readonly name: string;
	readonly steps: ReadonlyMap<string, GraphStep>;
	/** The place of each step in the order of the steps. */
	readonly places: ReadonlyMap<string, number>;
	/** What each step is, in the order of the steps. */
	readonly plans: readonly StepPlan[];
	/** Steps that wait until they are named. */
	readonly onDemand: ReadonlySet<string>;
}

/**
 * A step that only waits for the completion or the end of others can never start in a cycle. The
 * other types give way one day and may be mutual.
 */
const ORDERING: ReadonlySet<string> = new Set(['required', 'sequential', 'and']);

/**
 * Steps and what they wait for, to be run by {@link startGraph}.
 *
 * ```ts
 * const graph = defineGraph({
 * 	name: 'lead',
 * 	steps: {
 * 		qualify: { run: ({ input }) => qualify(input) },
 * 		enrich: { run: ({ deps }) => enrich(deps.qualify.value), dependsOn: 'qualify' },
 * 	},
 * });
 * ```
 *
 * @throws {ValidationError} for unknown ids, a step that depends on itself, cycles of required and
 * sequential dependencies, and when no step begins; nothing has started then
 */
export function defineGraph(definition: GraphDefinition): CheckedGraph {
	const steps = new Map<string, GraphStep>();
	const places = new Map<string, number>();
	for (const id of Object.keys(definition.steps)) {
		places.set(id, steps.size);
		steps.set(id, definition.steps[id]!);
	}
	const dependencies: Array<readonly Dependency[]> = [];
	const exists = (id: string): boolean => steps.has(id);
	steps.forEach((step, id) => {
		dependencies.push(checkedDependencies(id, step, exists));
		for (const other of step.next ?? []) assertKnown(steps, other, `Step "${id}": next`);
	});
	refuseCycles([...steps.keys()], dependencies);
	const onDemand = stepsOnDemand(definition, steps, dependencies);
	const plans = planSteps(steps, places, dependencies, onDemand);
	return { name: definition.name, steps, places, plans, onDemand };
}

function planSteps(
	steps: ReadonlyMap<string, GraphStep>,
	places: ReadonlyMap<string, number>,
	dependencies: ReadonlyArray<readonly Dependency[]>,
	onDemand: ReadonlySet<string>,
): StepPlan[] {
	const plans: StepPlan[] = [];
	steps.forEach((step, id) => {
		const own = dependencies[plans.length]!;
		const sources = own.map(({ on }) => places.get(on)!);
		plans.push(stepPlan(id, plans.length, step, onDemand.has(id), own, sources));
	});
	for (const { index, counts, sources } of plans) {
		if (counts) for (const source of sources) plans[source]!.dependents.push(index);
	}
	return plans;
}

/**
 * The dependencies of one step, which may be added while the graph already runs.
 *
 * @throws {ValidationError} when it depends on itself or on an unknown step
 */
export function checkedDependencies(
	id: string,
	step: GraphStep,
	exists: (stepId: string) => boolean,
): readonly Dependency[] {
	const dependencies = parseDependencies(step.dependsOn, id);
	for (const { on } of dependencies) {
		if (on === id) throw new ValidationError(`Step "${id}" depends on itself.`);
		if (exists(on)) continue;
		throw new ValidationError(`Step "${id}" depends on "${on}", which does not exist.`, {
			details: { stepId: id, on },
		});
	}
	return dependencies;
}

function assertKnown(steps: ReadonlyMap<string, GraphStep>, id: string, where: string): void {
	if (steps.has(id)) return;
	throw new ValidationError(`${where} names "${id}", which does not exist.`, { details: { id } });
}

function stepsOnDemand(
	definition: GraphDefinition,
	steps: ReadonlyMap<string, GraphStep>,
	dependencies: ReadonlyArray<readonly Dependency[]>,
): ReadonlySet<string> {
	for (const id of definition.start ?? []) assertKnown(steps, id, 'The start');
	const named = new Set<string>();
	steps.forEach(({ next = [] }, id) => {
		for (const other of next) if (other !== id) named.add(other);
	});
	const start = definition.start === undefined ? undefined : new Set(definition.start);
	const onDemand = new Set<string>();
	let index = 0;
	steps.forEach((step, id) => {
		const waits = dependencies[index++]!.length > 0;
		const begins = start === undefined ? !named.has(id) : start.has(id) || waits;
		if (step.onDemand ?? !begins) onDemand.add(id);
	});
	if (onDemand.size === steps.size && steps.size > 0) {
		throw new ValidationError(
			`"${definition.name}" has no step to begin with: each one waits to be named. Say where to start.`,
		);
	}
	return onDemand;
}

/** Steps that only wait for steps defined before them cannot be in a cycle; others are followed. */
function refuseCycles(
	ids: readonly string[],
	dependencies: ReadonlyArray<readonly Dependency[]>,
): void {
	const before = new Set<string>();
	const forward = ids.some((id, index) => {
		const waitsForLater = dependencies[index]!.some(
			({ on, type }) => ORDERING.has(type) && !before.has(on),
		);
		before.add(id);
		return waitsForLater;
	});
	if (!forward) return;
	const byId = new Map(ids.map((id, index) => [id, dependencies[index]!]));
	const done = new Set<string>();
	for (const id of ids) if (!done.has(id)) followDependencies(id, byId, done);
}

/** Depth first, with a stack of its own: chains may be longer than the language allows calls. */
function followDependencies(
	start: string,
	dependencies: ReadonlyMap<string, readonly Dependency[]>,
	done: Set<string>,
): void {
	const stack = [{ id: start, position: 0 }];
	const onStack = new Set([start]);
	for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
		const next = dependencies.get(top.id)![top.position++];
		if (next === undefined) {
			done.add(top.id);
			onStack.delete(top.id);
			stack.pop();
		} else if (ORDERING.has(next.type) && !done.has(next.on)) {
			if (onStack.has(next.on))
				throw cycleError(
					stack.map(({ id }) => id),
					next.on,
				);
			stack.push({ id: next.on, position: 0 });
			onStack.add(next.on);
		}
	}
}

function cycleError(path: readonly string[], again: string): ValidationError {
	const cycle = [...path.slice(path.indexOf(again)), again];
	return new ValidationError(
		`The steps wait for each other in a cycle: ${cycle.join(' → ')}. Remove one of these dependencies.`,
		{ details: { cycle } },
	);
}
