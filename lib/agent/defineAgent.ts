import { Agent } from './agent';
import type { AgentOptions } from './agentTypes';
import type { StateFunction, StateOptions } from './context';

/**
 * An agent from a table of states; the first is where it begins.
 *
 * ```ts
 * const agent = defineAgent('router', { runtime }, {
 * 	route: (context) => (context.get('size', 0) > 100 ? 'large' : 'small'),
 * 	large: (context) => context.set('path', 'large'),
 * 	small: { run: (context) => context.set('path', 'small'), retry: { maxRetries: 3 } },
 * });
 * ```
 */
export function defineAgent(
	name: string,
	options: AgentOptions,
	states: Readonly<Record<string, StateFunction | (StateOptions & { run: StateFunction })>>,
): Agent {
	const agent = new Agent(name, options);
	for (const [id, state] of Object.entries(states)) {
		if (typeof state === 'function') agent.addState(id, state);
		else {
			const { run, ...rest } = state;
			agent.addState(id, run, rest);
		}
	}
	return agent;
}
