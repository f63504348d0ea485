import type { IExecuteFunctions, RelatedExecution } from 'n8n-workflow';

import type { Json, Usage } from '../../lib';
import { openSteps } from '../shared/steps';
import type { Task, TaskCall, TaskReport } from './task';

/** What is recorded of a task that completed. */
interface Recorded {
	result: Json;
	usage?: Usage;
	attempts?: number;
	subExecution?: RelatedExecution;
}

/**
 * Runs a task, or gives the result that is recorded for it. Work that is done is not done again:
 * not by a retry of the node, of the execution, or by an execution with the same run key.
 */
export async function runRecorded(
	context: IExecuteFunctions,
	task: Task,
	call: TaskCall,
): Promise<Json> {
	const steps = await openSteps(context, task.itemIndex);
	const { result: recorded, reused } = await steps.run<Recorded>(
		task.key,
		task.input,
		async (step) => {
			let told: TaskReport = {};
			const result = await task.run({
				signal: AbortSignal.any([call.signal, step.signal]),
				report: (report) => {
					told = { ...told, ...report };
					call.report(report);
				},
			});
			return { result, ...told };
		},
		{ usageOf: ({ usage }) => usage },
	);
	const { result, ...told } = recorded;
	if (reused) call.report({ ...told, reused });
	return result;
}
