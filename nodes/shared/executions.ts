import type { IRunExecutionData } from 'n8n-workflow';

/** Whether an execution has nothing more to do, and does not wait. */
export function isOver({ waitTill, executionData, resultData }: IRunExecutionData): boolean {
	const toDo = executionData?.nodeExecutionStack.length ?? 0;
	return !waitTill && toDo === 0 && resultData.lastNodeExecuted !== undefined;
}
