import { ValidationError } from '../core';
import { didYouMean } from './closest';
import type { StepDefinition, StepDependency } from './definition';

/** Something about the shape of a workflow that keeps it from running. */
export interface GraphProblem {
	kind: 'duplicate' | 'unknown' | 'self' | 'cycle' | 'unreachable' | 'step';
	/** The step it is about. */
	stepId: string;
	/** One sentence with the ids. */
	message: string;
}

/** The part of a step that makes the graph. */
export type LinkedStep = Pick<StepDefinition, 'id' | 'dependencies' | 'next'>;

/** Dependencies that must be met, so that a circle of them never starts. */
const MUST: ReadonlySet<StepDependency['type']> = new Set<StepDependency['type']>([
	'required',
	'sequential',
	'and',
]);

/**
 * Looks for ids that are missing or used twice, and for steps that wait for themselves. Takes time
 * in proportion to steps and dependencies.
 *
 * @returns no problems, or the first kind found: cycles are only looked for when all ids are known
 */
export function checkGraph(steps: readonly LinkedStep[]): GraphProblem[] {
	const problems = checkIds(steps);
	return problems.length > 0 ? problems : checkCycles(steps);
}

function checkIds(steps: readonly LinkedStep[]): GraphProblem[] {
	const ids = new Set<string>();
	const problems: GraphProblem[] = [];
	for (const { id } of steps) {
		if (ids.has(id)) {
			problems.push({ kind: 'duplicate', stepId: id, message: `Two steps have the id "${id}"` });
		}
		ids.add(id);
	}
	for (const { id, dependencies, next = [] } of steps) {
		for (const { on } of dependencies) {
			if (on === id) problems.push(waitsForItself(id));
			else if (!ids.has(on)) problems.push(unknownStep(id, 'depends on', on, ids));
		}
		for (const target of next) {
			if (!ids.has(target)) problems.push(unknownStep(id, 'leads to', target, ids));
		}
	}
	return problems;
}

function waitsForItself(id: string): GraphProblem {
	return { kind: 'self', stepId: id, message: `Step "${id}" depends on itself` };
}

/** @param relation - how the step names the other one, e.g. `depends on` */
export function unknownStep(
	stepId: string,
	relation: string,
	other: string,
	ids: Iterable<string>,
): GraphProblem {
	const message = `Step "${stepId}" ${relation} "${other}", which does not exist${didYouMean(other, ids)}`;
	return { kind: 'unknown', stepId, message };
}

/**
 * Takes away, again and again, a step that waits for no step that is left. What cannot be taken
 * away waits in a circle, or for one.
 */
function checkCycles(steps: readonly LinkedStep[]): GraphProblem[] {
	const waitsFor = new Map(steps.map(({ id, dependencies }) => [id, mustWaitFor(dependencies)]));
	const waiting = new Map([...waitsFor].map(([id, others]) => [id, others.length]));
	const waiters = reversed(waitsFor);
	const free = steps.map(({ id }) => id).filter((id) => waiting.get(id) === 0);
	for (let id = free.pop(); id !== undefined; id = free.pop()) {
		waiting.delete(id);
		for (const waiter of waiters.get(id) ?? []) {
			const left = waiting.get(waiter)! - 1;
			waiting.set(waiter, left);
			if (left === 0) free.push(waiter);
		}
	}
	const [first] = waiting.keys();
	return first === undefined ? [] : [cycleFrom(first, waitsFor, waiting)];
}

function mustWaitFor(dependencies: readonly StepDependency[]): string[] {
	return dependencies.filter(({ type }) => MUST.has(type)).map(({ on }) => on);
}

function reversed(edges: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
	const result = new Map<string, string[]>();
	for (const [from, targets] of edges) {
		for (const target of targets) {
			const sources = result.get(target);
			if (sources === undefined) result.set(target, [from]);
			else sources.push(from);
		}
	}
	return result;
}

/** Follows what is waited for among the steps that are left until one comes back. */
function cycleFrom(
	first: string,
	waitsFor: ReadonlyMap<string, readonly string[]>,
	left: ReadonlyMap<string, number>,
): GraphProblem {
	const place = new Map<string, number>();
	const path: string[] = [];
	let id = first;
	while (!place.has(id)) {
		place.set(id, path.length);
		path.push(id);
		id = waitsFor.get(id)!.find((other) => left.has(other))!;
	}
	const cycle = [...path.slice(place.get(id)), id];
	const message = `Steps wait for each other in a circle: ${cycle.join(' → ')}`;
	return { kind: 'cycle', stepId: id, message };
}

/**
 * Steps that can never run: nothing that runs leads to them, and they are no beginning.
 *
 * @param start - ids of the steps a run begins with
 * @param targets - where each step can lead besides the steps that depend on it
 */
export function checkReachable(
	steps: readonly LinkedStep[],
	start: readonly string[],
	targets: (stepId: string) => readonly string[],
): GraphProblem[] {
	const dependents = reversed(
		new Map(steps.map(({ id, dependencies }) => [id, dependencies.map(({ on }) => on)])),
	);
	const reached = new Set(start);
	const open = [...start];
	for (let id = open.pop(); id !== undefined; id = open.pop()) {
		for (const target of [...targets(id), ...(dependents.get(id) ?? [])]) {
			if (reached.has(target)) continue;
			reached.add(target);
			open.push(target);
		}
	}
	return steps
		.filter(({ id }) => !reached.has(id))
		.map(({ id }) => ({
			kind: 'unreachable',
			stepId: id,
			message: `Step "${id}" can never run: no step that runs leads to it`,
		}));
}

/**
 * Ids of the steps a run begins with, when the workflow does not name them: those that depend on
 * nothing and that no step leads to.
 */
export function startSteps(
	steps: readonly LinkedStep[],
	targets: (stepId: string) => readonly string[],
): string[] {
	const led = new Set(steps.flatMap(({ id }) => targets(id)));
	return steps
		.filter(({ id, dependencies }) => dependencies.length === 0 && !led.has(id))
		.map(({ id }) => id);
}

const SHOWN_PROBLEMS = 10;

/** All problems as one error; `details.problems` has every one. */
export function graphError(name: string, problems: readonly GraphProblem[]): ValidationError {
	const shown = problems.slice(0, SHOWN_PROBLEMS).map(({ message }) => message);
	const more = problems.length - shown.length;
	const rest = more === 0 ? '' : `; and ${more} more`;
	return new ValidationError(`Workflow "${name}" cannot run. ${shown.join('; ')}${rest}.`, {
		hint: 'Correct the steps named in the message.',
		details: { problems },
	});
}
