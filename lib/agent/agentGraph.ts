import { ValidationError } from '../core';
import {
	defineGraph,
	goTo,
	type BodyContext,
	type CheckedGraph,
	type Condition,
	type DependencyConfig,
	type GraphStep,
} from '../scheduler';
import { AgentContext, type StateFunction, type StateOptions, type StateReader } from './context';
import type { StateStore, StateWrite } from './stateStore';

/** A state as it was added. */
export interface AddedState {
	run: StateFunction;
	options: StateOptions;
}

/** What all states of an agent share. */
export interface SharedParts {
	store: StateStore;
	addState: (name: string, run: StateFunction, options?: StateOptions) => void;
}

/** What an execution of a state leaves behind besides where to go: what it wrote. */
export interface StateOutput {
	writes: StateWrite[];
}

/** The states of an agent as a graph for the scheduler. */
export function agentGraph(
	name: string,
	states: ReadonlyMap<string, AddedState>,
	start: readonly string[] | undefined,
	shared: SharedParts,
): CheckedGraph {
	if (states.size === 0) throw new ValidationError(`Agent "${name}" has no states.`);
	for (const id of start ?? []) {
		if (states.has(id)) continue;
		throw new ValidationError(
			`Agent "${name}" starts with "${id}", which is not one of its states.`,
		);
	}
	const begins = firstStates(states, start);
	const steps: Record<string, GraphStep> = {};
	for (const [id, state] of states) steps[id] = stateStep(state, shared, !begins.has(id));
	return defineGraph({ name, steps });
}

/** A state as a step. */
export function stateStep(state: AddedState, shared: SharedParts, onDemand: boolean): GraphStep {
	const { dependencies, ...options } = state.options;
	return {
		...options,
		onDemand,
		run: (context) => runState(state.run, context, shared),
		dependsOn: Object.entries(dependencies ?? {}).map(([on, dependency]) => {
			if (typeof dependency === 'string') return [on, dependency] as const;
			const { condition, ...rest } = dependency;
			const config: DependencyConfig = rest;
			return {
				...config,
				on,
				...(condition && { condition: conditionOn(condition, shared.store) }),
			};
		}),
	};
}

/** Conditions see the newest values, also those of work that has not joined yet. */
function conditionOn(condition: (reader: StateReader) => boolean, store: StateStore): Condition {
	return () => condition(store.newest());
}

/**
 * What begins without being named: what the agent starts with, by default the state added first,
 * and every state that dependencies speak of.
 */
function firstStates(
	states: ReadonlyMap<string, AddedState>,
	start: readonly string[] | undefined,
): ReadonlySet<string> {
	const begins = new Set(start ?? [...states.keys()].slice(0, 1));
	for (const [id, { options }] of states) {
		const dependencies = Object.keys(options.dependencies ?? {});
		if (dependencies.length === 0) continue;
		begins.add(id);
		if (start === undefined) for (const on of dependencies) begins.add(on);
	}
	return begins;
}

async function runState(
	run: StateFunction,
	body: BodyContext,
	{ store, addState }: SharedParts,
): Promise<unknown> {
	const view = store.viewFor(body.parents);
	const context = new AgentContext(view, body, addState);
	const next = await run(context);
	const output: StateOutput | undefined =
		view.writes.length === 0 ? undefined : { writes: view.writes };
	return goTo(next ?? null, output);
}
