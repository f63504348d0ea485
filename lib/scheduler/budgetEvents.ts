import type { RunBudget } from '../budget';
import type { EventStream } from '../core';

/**
 * Tells of the budget among the events of its run: `budget.reserved`, `settled`, `soft`, `hard` and
 * `raised`. Inner runs leave that to the run around them.
 *
 * @returns ends it
 */
export function followBudget(events: EventStream, budget: RunBudget | undefined): () => void {
	if (budget === undefined || budget.path !== undefined) return () => undefined;
	return budget.ledger.subscribe(({ type, path, ...data }) => {
		events.emit(`budget.${type}`, path === ROOT_PATH ? undefined : path, undefined, data);
	});
}

const ROOT_PATH = '';
