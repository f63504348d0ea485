import type { Runtime } from '../core';
import type { Store } from '../store';
import { EventFeed } from './eventFeed';
import { Executions } from './executions';

/**
 * The executions that a store holds, to be read without a manager.
 *
 * @param caller - only this one's executions. Default: everybody's
 */
export function openExecutions(store: Store, runtime: Runtime, caller?: string): Executions {
	return new Executions(store, runtime, new EventFeed(store, runtime), caller);
}
