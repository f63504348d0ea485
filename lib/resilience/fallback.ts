import { EngineError, errorClassOf, isEngineError, messageOf, type ErrorClass } from '../core';

/** When to go on to the next candidate. */
export interface FallbackOptions {
	/** Only errors of these classes lead on. Default: all but abort, budget, guardrail and validation. */
	fallBackOn?: readonly ErrorClass[];
	/** Called for each candidate that failed and is left behind. */
	onFallback?: (failure: FallbackFailure) => void;
}

/** A candidate that failed. */
export interface FallbackFailure {
	/** Position of the candidate, from 0. */
	index: number;
	error: unknown;
}

/** The first result, and which candidate gave it. */
export interface FallbackResult<T> {
	value: T;
	/** Position of the candidate, from 0. */
	index: number;
	/** Those before it that failed. */
	failures: FallbackFailure[];
}

/** Another candidate would meet the same end. */
const FINAL: ReadonlySet<ErrorClass> = new Set<ErrorClass>([
	'abort',
	'budget',
	'guardrail',
	'validation',
]);

/**
 * Tries candidates in order until one succeeds: models, engines, endpoints.
 *
 * @param call - makes the call with one candidate
 * @throws the candidate's own error, when it was the only one or another would not help
 * @throws {EngineError} `FALLBACK_EXHAUSTED` when all failed, with each of their messages; `cause`
 * is the last error and its class the error's class
 */
export async function withFallback<Candidate, T>(
	candidates: readonly Candidate[],
	call: (candidate: Candidate, index: number) => Promise<T>,
	options: FallbackOptions = {},
): Promise<FallbackResult<T>> {
	const failures: FallbackFailure[] = [];
	for (const [index, candidate] of candidates.entries()) {
		let error: unknown;
		try {
			return { value: await call(candidate, index), index, failures };
		} catch (thrown) {
			error = thrown;
		}
		failures.push({ index, error });
		if (candidates.length === 1 || !leadsOn(error, options.fallBackOn)) throw error;
		if (index < candidates.length - 1) options.onFallback?.({ index, error });
	}
	throw exhausted(failures);
}

function leadsOn(error: unknown, classes: readonly ErrorClass[] | undefined): boolean {
	const errorClass = errorClassOf(error);
	return classes === undefined ? !FINAL.has(errorClass) : classes.includes(errorClass);
}

function exhausted(failures: readonly FallbackFailure[]): EngineError {
	const last = failures.at(-1)?.error;
	const messages = failures.map(({ index, error }) => `${index + 1}. ${messageOf(error)}`);
	const text = failures.length === 0 ? 'There was none to try.' : messages.join(' ');
	return new EngineError('FALLBACK_EXHAUSTED', `No candidate gave a result. ${text}`, {
		errorClass: errorClassOf(last),
		retryable: false,
		details: {
			failures: failures.map(({ index, error }) => ({
				index,
				code: isEngineError(error) ? error.code : 'UNKNOWN',
				message: messageOf(error),
			})),
		},
		cause: last,
	});
}
