import { ValidationError } from '../core';
import type { GraphDefinition, GraphStep } from './definition';
import { parseDependencies, type Dependency } from './dependency';

/** A checked graph: every id exists, nothing waits for itself. */
export interface CheckedGraph {
	readonly name: string;
	readonly steps: ReadonlyMap<string, GraphStep>;
	readonly dependencies: ReadonlyMap<string, readonly Dependency[]>;
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
 * @throws {ValidationError} for unknown ids, a step that depends on itself, and cycles of required
 * and sequential dependencies; nothing has started then
 */
export function defineGraph(definition: GraphDefinition): CheckedGraph {
	const steps = new Map(Object.entries(definition.steps));
	const dependencies = new Map<string, readonly Dependency[]>();
	for (const [id, step] of steps) {
		dependencies.set(
			id,
			checkedDependencies(id, step, (other) => steps.has(other)),
		);
		for (const other of step.next ?? []) assertKnown(steps, other, `Step "${id}": next`);
	}
	refuseCycles(dependencies);
	return {
		name: definition.name,
		steps,
		dependencies,
		onDemand: stepsOnDemand(definition, steps, dependencies),
	};
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
	dependencies: ReadonlyMap<string, readonly Dependency[]>,
): ReadonlySet<string> {
	for (const id of definition.start ?? []) assertKnown(steps, id, 'The start');
	const named = new Set<string>();
	for (const step of steps.values()) for (const id of step.next ?? []) named.add(id);
	const start = definition.start === undefined ? undefined : new Set(definition.start);
	const onDemand = new Set<string>();
	for (const [id, step] of steps) {
		const waits = dependencies.get(id)!.length > 0;
		const begins = start === undefined ? !named.has(id) : start.has(id) || waits;
		if (step.onDemand ?? !begins) onDemand.add(id);
	}
	return onDemand;
}

/** Kahn's algorithm over the ordering dependencies; what remains has a cycle. */
function refuseCycles(dependencies: ReadonlyMap<string, readonly Dependency[]>): void {
	const open = new Map<string, number>();
	const successors = new Map<string, string[]>();
	const ready: string[] = [];
	for (const [id, list] of dependencies) {
		let count = 0;
		for (const { on, type } of list) {
			if (!ORDERING.has(type)) continue;
			count++;
			const others = successors.get(on);
			if (others === undefined) successors.set(on, [id]);
			else others.push(id);
		}
		if (count === 0) ready.push(id);
		else open.set(id, count);
	}
	for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
		for (const successor of successors.get(id) ?? []) {
			const count = open.get(successor)! - 1;
			if (count > 0) open.set(successor, count);
			else {
				open.delete(successor);
				ready.push(successor);
			}
		}
	}
	if (open.size > 0) throw cycleError(open, dependencies);
}

function cycleError(
	open: ReadonlyMap<string, number>,
	dependencies: ReadonlyMap<string, readonly Dependency[]>,
): ValidationError {
	// Every step that remains waits for another one that remains: following them leads into a cycle.
	const seen: string[] = [];
	let id = [...open.keys()][0]!;
	while (!seen.includes(id)) {
		seen.push(id);
		id = dependencies.get(id)!.find(({ on, type }) => ORDERING.has(type) && open.has(on))!.on;
	}
	const cycle = [...seen.slice(seen.indexOf(id)), id];
	return new ValidationError(
		`The steps wait for each other in a cycle: ${cycle.join(' → ')}. Remove one of these dependencies.`,
		{ details: { cycle } },
	);
}
