import { MemoryJournal, defineGraph, startGraph } from '../engine/lib/index.js';
import { noop, runtime } from './runtime.mjs';

/** A chain of steps that do nothing, each after the one before. */
export function chainGraph(n) {
	const steps = {};
	for (let index = 0; index < n; index++) {
		const dependsOn = index === 0 ? [] : [`s${index - 1}`];
		steps[`s${index}`] = { run: noop, dependsOn };
	}
	return defineGraph({ name: 'chain', steps });
}

/**
 * Runs a graph to its end.
 *
 * @throws when it did not complete
 */
export async function runGraph(graph, options = {}) {
	const { result } = startGraph(graph, { runtime, ...options });
	const { status, error } = await result;
	if (status !== 'completed') throw new Error(`The graph ended as ${status}: ${error?.message}`);
}

/** Somebody who listens to every event, and a memory of every step. */
export const recorded = () => {
	let events = 0;
	return { sinks: [() => void events++], journal: new MemoryJournal() };
};
