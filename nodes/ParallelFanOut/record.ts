import type { IExecuteFunctions, RelatedExecution } from 'n8n-workflow';

import type { FanOutWrapper, Json, Usage } from '../../lib';
import { openSteps } from '../shared/steps';
import type { Reports } from './reports';
import type { Task } from './task';

/** What is recorded of a task that completed. */
interface Recorded {
	result: Json;
	usage?: Usage;
	attempts?: number;
	subExecution?: RelatedExecution;
}

/**
 * Gives the recorded result of a task, or runs it and records the result. Work that is done is not
 * done again: not by a retry of the node, of the execution, or by an execution with the same run
 * key. Attempts are inside: a task is recorded when it has completed, or has given up.
 */
export function recording(
	context: IExecuteFunctions,
	tasks: readonly Task[],
	reports: Reports,
	around: FanOutWrapper | undefined,
): FanOutWrapper {
	return async <Output>(
		attempt: (signal?: AbortSignal) => Promise<Output>,
		fanOut: Parameters<FanOutWrapper>[1],
	) => {
		const { index, key } = fanOut;
		const { itemIndexes, input } = tasks[index]!;
		const steps = await openSteps(context, itemIndexes[0]!);
		const { result: recorded, reused } = await steps.run<Recorded>(
			key,
			input,
			async (step) => {
				const signal = AbortSignal.any([fanOut.signal, step.signal]);
				const result = await (around === undefined
					? attempt(signal)
					: around(attempt, { index, key, attempt: fanOut.attempt, signal }));
				return { result: result as Json, ...reports.of(index) };
			},
			{ usageOf: ({ usage }) => usage },
		);
		const { result, ...told } = recorded;
		if (reused) reports.add(index, { ...told, reused });
		return result as Output;
	};
}
