import { PGraph } from 'p-graph';

import { defineGraph } from '../engine/lib/index.js';
import { runGraph } from './chain.mjs';
import { noop, seeded } from './runtime.mjs';

/** Steps running at once. */
export const LIMIT = 50;

/**
 * A random graph in layers; each step depends on two of the layer before.
 *
 * @param durationOf - milliseconds of a step, given a source of chance; default: steps do nothing
 * @returns layers of `{ id, deps, ms, run }`
 */
export function layeredGraph(n, width = 50, durationOf) {
	const random = seeded();
	const layers = [];
	for (let made = 0; made < n; made += width) {
		const above = layers.at(-1);
		const pick = () => above[Math.floor(random() * above.length)].id;
		layers.push(
			Array.from({ length: Math.min(width, n - made) }, (_, index) => {
				const ms = durationOf?.(random);
				const run = ms === undefined ? noop : () => new Promise((done) => setTimeout(done, ms));
				const deps = above === undefined ? [] : [...new Set([pick(), pick()])];
				return { id: `s${made + index}`, deps, ms, run };
			}),
		);
	}
	return layers;
}

/** The longest way through the graph, in milliseconds: no scheduler can be faster. */
export function criticalPath(layers) {
	const ends = new Map();
	for (const { id, deps, ms } of layers.flat()) {
		ends.set(id, ms + Math.max(0, ...deps.map((dep) => ends.get(dep))));
	}
	return Math.max(...ends.values());
}

export function ourDag(layers) {
	const steps = {};
	for (const { id, deps, run } of layers.flat()) steps[id] = { run, dependsOn: deps };
	const graph = defineGraph({ name: 'dag', steps });
	return () => runGraph(graph, { maxConcurrent: LIMIT });
}

export function pGraphDag(layers) {
	const nodes = new Map();
	const edges = [];
	for (const { id, deps, run } of layers.flat()) {
		nodes.set(id, { run });
		for (const dep of deps) edges.push([dep, id]);
	}
	return () => new PGraph(nodes, edges).run({ concurrency: LIMIT });
}
