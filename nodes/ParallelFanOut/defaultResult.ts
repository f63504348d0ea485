import { errorClassOf, serializeError } from '../../lib';
import type { FanOutWrapper, Json } from '../../lib';
import type { Reports } from './output';

/**
 * Tasks that fail complete with a result given beforehand; cancelled ones stay cancelled.
 *
 * @param around - what else surrounds each task; the default comes when that has given up
 * @param reports - learns which task failed, and how
 */
export function orDefaultResult(
	around: FanOutWrapper,
	result: Json,
	reports: Reports,
): FanOutWrapper {
	return async <Output>(
		attempt: (signal?: AbortSignal) => Promise<Output>,
		context: Parameters<FanOutWrapper>[1],
	) =>
		await around(attempt, context).catch(async (error: unknown) => {
			if (errorClassOf(error) === 'abort') return await Promise.reject(error);
			reports.add(context.index, { failure: serializeError(error) });
			return result as Output;
		});
}
