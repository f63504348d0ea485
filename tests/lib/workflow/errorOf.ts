import { isEngineError, type EngineError } from '../../../lib';

/** The engine error a function throws; anything else fails the test. */
export function errorOf(work: () => unknown): EngineError {
	const thrown = outcomeOf(work);
	if (isEngineError(thrown)) return thrown;
	throw new Error(`Expected an engine error, got ${String(thrown)}.`);
}

function outcomeOf(work: () => unknown): unknown {
	try {
		return work();
	} catch (error) {
		return error;
	}
}
