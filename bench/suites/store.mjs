/** What durability costs: against the bare store it is built on, and against a framework's. */
import { durableSteps } from './store/steps.mjs';
import { growingState, restore } from './store/state.mjs';
import { postgres, redis } from './store/servers.mjs';
import { concurrentWriters } from './store/writers.mjs';

export const measurements = {
	'durable-step': durableSteps,
	'growing-state': growingState,
	restore,
	'concurrent-writers': concurrentWriters,
	redis,
	postgres,
};
