import { Edge, Group, type Step, Wiring } from './step';
import type { RunCore } from './runCore';

// Most steps only count their dependencies down. What needs more than a number has a gate for each:
// from the start, or, when something runs again or somebody asks, from then on.

/** The dependencies of a step, each a gate or part of one. */
export function edgesOf(run: RunCore, step: Step): readonly Edge[] {
	return (step.wiring ?? wire(run, step)).incoming;
}

/**
 * Gives a step its gates, as open as they are by now.
 *
 * A completion that is just being told is still to come: {@link tellDependents} looks at gates last.
 */
export function wire(run: RunCore, step: Step): Wiring {
	const { dependencies, sources } = step.plan;
	const wiring = (step.wiring = new Wiring());
	for (let position = 0; position < sources.length; position++) {
		const from = run.list[sources[position]!]!;
		const edge = new Edge(from, step, dependencies[position]!);
		edge.open = step.plan.counts && from !== run.telling && isMet(from);
		wiring.incoming.push(edge);
		(from.outgoing ??= []).push(edge);
		join(wiring, edge);
	}
	step.missing = wiring.incoming.filter(({ open }) => !open).length;
	return wiring;
}

/** A step is about to run again: those who counted it must tell its executions apart. */
export function wireDependents(run: RunCore, step: Step): void {
	for (const place of step.plan.dependents) {
		const dependent = run.list[place]!;
		if (dependent.wiring === undefined) wire(run, dependent);
	}
}

/** Whether a step has completed and its dependents have been told. */
export function isMet(step: Step): boolean {
	return step.told && step.status === 'completed';
}

function join(wiring: Wiring, edge: Edge): void {
	const { to, config } = edge;
	const { type, group: name = '' } = config;
	if (type !== 'and' && type !== 'or' && type !== 'xor') return;
	let group = wiring.groups.find((other) => other.type === type && other.name === name);
	if (group === undefined) {
		group = new Group(to, type, name);
		wiring.groups.push(group);
	}
	group.members.push(edge);
	edge.group = group;
}
