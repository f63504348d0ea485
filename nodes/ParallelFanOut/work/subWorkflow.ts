import type { IExecuteFunctions, INodeExecutionData, IRunExecutionData } from 'n8n-workflow';

import { EngineError, messageOf, toJson } from '../../../lib';
import type { Json } from '../../../lib';
import { parameterReader } from '../../shared/parameters';
import { n8nRuntime } from '../../shared/runtime';
import { subWorkflowSchema } from '../parameters';
import { properties } from '../properties';
import type { TaskCall, Work } from '../task';

/** Pauses between looks at a sub-workflow that waits, in milliseconds: the first, and the longest. */
const FIRST_LOOK_MS = 250;
const LONGEST_LOOK_MS = 5000;

type OutputData = ReadonlyArray<readonly INodeExecutionData[] | null | undefined>;

/** Each task is an execution of another workflow, with the input items as its input. */
export function subWorkflowWork(context: IExecuteFunctions): Work {
	const read = parameterReader(context, subWorkflowSchema, properties);
	const items = context.getInputData();
	return {
		defaultAttempts: 1,
		retriesItself: false,
		tasksOf: (itemIndexes) => {
			const { workflowId } = read(itemIndexes[0]!);
			const input = itemIndexes.map((itemIndex) => items[itemIndex]!);
			return [
				{
					input: { workflowId, items: input.map(({ json }) => json) },
					run: async (call) => await runSubWorkflow(context, workflowId, input, call),
				},
			];
		},
	};
}

async function runSubWorkflow(
	context: IExecuteFunctions,
	workflowId: string,
	items: INodeExecutionData[],
	call: TaskCall,
): Promise<Json> {
	const answer = await context
		.executeWorkflow({ id: workflowId }, items, undefined, {
			// Manual runs use drafts, as n8n's own node does.
			executionMode: context.getMode(),
			parentExecution: {
				executionId: context.getExecutionId(),
				workflowId: context.getWorkflow().id ?? '',
				// This node joins by itself: a child that waited must not replace the results of others.
				shouldResume: false,
			},
		})
		.then(undefined, async (error: unknown) => {
			reportFailedExecution(error, call);
			return await Promise.reject(subWorkflowError(error, workflowId));
		});
	const { executionId, data, waitTill } = answer;
	call.report({ subExecution: { executionId, workflowId } });
	if (!waitTill) return resultOf(data);
	// n8n has just put this execution to wait for the child; with several children only the first
	// would come back.
	await context.putExecutionToWait(undefined as unknown as Date);
	return await resultAfterWait(context, executionId, call.signal);
}

/** Follows a child that waits until it has ended. */
async function resultAfterWait(
	context: IExecuteFunctions,
	executionId: string,
	signal: AbortSignal,
): Promise<Json> {
	for (let pause = FIRST_LOOK_MS; ; pause = Math.min(LONGEST_LOOK_MS, pause * 2)) {
		await n8nRuntime.sleep(pause, signal);
		const run = await context.getExecutionDataById(executionId);
		if (run === undefined) {
			throw new EngineError(
				'SUB_WORKFLOW_GONE',
				`Execution ${executionId} of the sub-workflow was deleted while it waited.`,
				{ retryable: false },
			);
		}
		const { error } = run.resultData;
		if (error !== undefined) throw failedError(error.message, executionId);
		if (hasEnded(run)) return resultOf(lastOutput(run));
	}
}

function hasEnded({ waitTill, executionData, resultData }: IRunExecutionData): boolean {
	const toDo = executionData?.nodeExecutionStack.length ?? 0;
	return !waitTill && toDo === 0 && resultData.lastNodeExecuted !== undefined;
}

function lastOutput({ resultData }: IRunExecutionData): OutputData {
	return resultData.runData[resultData.lastNodeExecuted ?? '']?.at(-1)?.data?.main ?? [];
}

/** One item is the result itself, several are a list, none is `null`. */
function resultOf(data: OutputData): Json {
	const results = data.flatMap((items) => items ?? []).map(({ json }) => toJson(json));
	return results.length > 1 ? results : (results[0] ?? null);
}

/** n8n puts the ids of a failed execution on the error. */
function reportFailedExecution(error: unknown, call: TaskCall): void {
	const { executionId, workflowId } = (error ?? {}) as Record<string, unknown>;
	if (typeof executionId === 'string' && typeof workflowId === 'string') {
		call.report({ subExecution: { executionId, workflowId } });
	}
}

function subWorkflowError(error: unknown, workflowId: string): EngineError {
	const message = messageOf(error);
	if (/not active|not published/i.test(message)) {
		return new EngineError(
			'SUB_WORKFLOW_NOT_PUBLISHED',
			`The sub-workflow ${workflowId} is not published, so it cannot run in production.`,
			{
				errorClass: 'not_found',
				hint: 'Publish the sub-workflow, or run this workflow by hand to use its draft',
				details: { workflowId },
			},
		);
	}
	const { executionId } = (error ?? {}) as { executionId?: string };
	return failedError(message, executionId);
}

function failedError(message: string, executionId: string | undefined): EngineError {
	return new EngineError('SUB_WORKFLOW_FAILED', `The sub-workflow failed: ${message}`, {
		hint: 'Open the execution of the sub-workflow to see what happened',
		...(executionId === undefined ? {} : { details: { executionId } }),
	});
}
