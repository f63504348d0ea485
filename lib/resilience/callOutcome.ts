import { errorClassOf, type ErrorClass } from '../core';

/** What the end of a call says about the health of a service. */
export type CallOutcome = 'success' | 'failure' | 'rate_limited' | 'neutral';

const FAILURES: ReadonlySet<ErrorClass> = new Set<ErrorClass>([
	'server',
	'network',
	'timeout',
	'overloaded',
	'unknown',
]);

/**
 * What an error says about the health of the service: a refusal of this one call, a cancel or an
 * empty budget says nothing.
 */
export function outcomeOf(error: unknown): CallOutcome {
	const errorClass = errorClassOf(error);
	if (errorClass === 'rate_limit') return 'rate_limited';
	return FAILURES.has(errorClass) ? 'failure' : 'neutral';
}
