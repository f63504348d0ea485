import { nodeRuntime } from '../engine/lib/host/nodeRuntime.js';

/** The engine's usual host: real timers, real clock. */
export const runtime = nodeRuntime();

/** Numbers in [0, 1) that are the same in every round. */
export function seeded(seed = 1) {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
		return state / 0x7fffffff;
	};
}

export const noop = async () => {};
