import type { IExecuteFunctions, IRunExecutionData } from 'n8n-workflow';

import { n8nRuntime } from './runtime';

const SAVING_STEP_MS = 10;

/** Whether an execution has nothing more to do, and does not wait. */
export function isOver({ waitTill, executionData, resultData }: IRunExecutionData): boolean {
	const toDo = executionData?.nodeExecutionStack.length ?? 0;
	return !waitTill && toDo === 0 && resultData.lastNodeExecuted !== undefined;
}

/**
 * Resolves when n8n has saved that an execution waits: a kill does it no harm from then on. Gives up
 * after a time, and for an execution that has failed.
 */
export async function untilSavedWaiting(
	context: Pick<IExecuteFunctions, 'getExecutionDataById'>,
	executionId: string,
	limitMs: number,
): Promise<void> {
	for (let waited = 0; waited < limitMs; waited += SAVING_STEP_MS) {
		const run = await context.getExecutionDataById(executionId);
		if (run === undefined || run.waitTill || run.resultData.error !== undefined) return;
		await n8nRuntime.sleep(SAVING_STEP_MS);
	}
}
