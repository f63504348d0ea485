import { errorClassOf, serializeError } from '../../lib';
import type { FanOutWrapper, Json } from '../../lib';
import type { Reports } from './reports';
import { ChildWaits } from './work/subWorkflow';

/**
 * Tasks that fail complete with a result given beforehand; cancelled and waiting ones stay so.
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
			const open = errorClassOf(error) === 'abort' || error instanceof ChildWaits;
			if (open) return await Promise.reject(error as Error);
			reports.add(context.index, { failure: serializeError(error) });
			return result as Output;
		});
}
