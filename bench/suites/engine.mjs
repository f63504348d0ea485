/** The engine against the libraries that do one of its jobs, and the frameworks that do them all. */
import { chain } from './engine/chain.mjs';
import { fanOutNoop, fanOutTimers } from './engine/fanOut.mjs';
import { graph, growth, makespan } from './engine/graph.mjs';
import { memory } from './engine/memory.mjs';
import { pool } from './engine/pool.mjs';
import { resilience } from './engine/resilience.mjs';
import { transitions } from './engine/transitions.mjs';

export const measurements = {
	transitions,
	resilience,
	pool,
	'fan-out-noop': fanOutNoop,
	'fan-out-5ms': fanOutTimers,
	memory,
	chain,
	'graph-growth': growth,
	graph,
	makespan,
};
