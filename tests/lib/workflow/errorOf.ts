import { isEngineError, type EngineError } from '../../../lib';

/** The engine error a function throws; anything else fails the test. */
export function errorOf(work: () => unknown): EngineError {
	let result: unknown;
	try {
		result = work();
	} catch (error) {
		if (isEngineError(error)) return error;
		throw error;
	}
	throw new Error(`Nothing was thrown; the result is ${JSON.stringify(result)}.`);
}
