import type {
	IExecuteFunctions,
	INodeExecutionData,
	RelatedExecution,
	WorkflowExecuteMode,
} from 'n8n-workflow';

import { EngineError } from '../../../lib';
import type { Json } from '../../../lib';
import { parameterReader } from '../../shared/parameters';
import { n8nRuntime } from '../../shared/runtime';
import { endOf, filesOf, resultOf, subWorkflowError } from '../join/child';
import { subWorkflowSchema } from '../parameters';
import type { Settings } from '../parameters';
import { properties } from '../properties';
import type { TaskCall, Work } from '../task';
import { taskItems } from './taskItems';

/** Pauses between looks at a sub-workflow that waits, in milliseconds: the first, and the longest. */
const FIRST_LOOK_MS = 250;
const LONGEST_LOOK_MS = 5000;

/** Each task is an execution of another workflow, with the input items as its input. */
export function subWorkflowWork(context: IExecuteFunctions, settings: Settings): Work {
	const read = parameterReader(context, subWorkflowSchema, properties);
	const items = context.getInputData();
	const mayWait = waitsForAll(settings) && !context.isToolExecution();
	return {
		defaultAttempts: 1,
		retriesItself: false,
		tasksOf: (itemIndexes) => {
			const { workflowId, options } = read(itemIndexes[0]!);
			const own = itemIndexes.map((itemIndex) => items[itemIndex]!);
			const input = taskItems(own, options.taskInput);
			return [
				{
					input: { workflowId, items: input.map(({ json }) => json) },
					run: async (call) => await runSubWorkflow(context, workflowId, input, call, { mayWait }),
					remote: { workflowId, items: input },
				},
			];
		},
	};
}

/** Whether nothing but the end of every task decides; other joins need this process. */
export function waitsForAll({ options: { waitFor, onTaskFailure } }: Settings): boolean {
	return waitFor === 'all' && ['settle', 'drop', 'useDefault'].includes(onTaskFailure);
}

/** A sub-workflow waits, for a person or a time; its task goes on when the node is told. */
export class ChildWaits extends EngineError {
	constructor(executionId: string) {
		super('SUB_WORKFLOW_WAITS', `Execution ${executionId} of the sub-workflow waits.`, {
			retryable: false,
			details: { executionId },
		});
	}
}

/** How a sub-workflow is run. */
interface SubWorkflowOptions {
	/** Whether one that waits ends the call with {@link ChildWaits}; else it is followed. */
	mayWait?: boolean;
	/** Manual runs use drafts. Default: as this execution was started. */
	mode?: WorkflowExecuteMode;
	/** Whose sub-workflow it is. Default: this execution's. */
	parent?: RelatedExecution;
}

/** Runs a workflow and gives its result. @throws {EngineError} when it fails, or waits */
export async function runSubWorkflow(
	context: IExecuteFunctions,
	workflowId: string,
	items: INodeExecutionData[],
	call: TaskCall,
	{ mayWait = false, mode, parent }: SubWorkflowOptions = {},
): Promise<Json> {
	const answer = await context
		.executeWorkflow({ id: workflowId }, items, undefined, {
			// Manual runs use drafts, as n8n's own node does.
			executionMode: mode ?? context.getMode(),
			parentExecution: {
				...(parent ?? {
					executionId: context.getExecutionId(),
					workflowId: context.getWorkflow().id ?? '',
				}),
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
	if (!waitTill) {
		const binary = filesOf(data);
		if (binary !== undefined) call.report({ binary });
		return resultOf(data);
	}
	// n8n has just put this execution to wait for the child; with several children only the first
	// would come back.
	await context.putExecutionToWait(undefined as unknown as Date);
	if (!mayWait) return await resultAfterWait(context, executionId, call.signal);
	call.report({ waits: executionId });
	throw new ChildWaits(executionId);
}

/** Follows a child that waits until it has ended. */
async function resultAfterWait(
	context: IExecuteFunctions,
	executionId: string,
	signal: AbortSignal,
): Promise<Json> {
	for (let pause = FIRST_LOOK_MS; ; pause = Math.min(LONGEST_LOOK_MS, pause * 2)) {
		await n8nRuntime.sleep(pause, signal);
		const end = endOf(await context.getExecutionDataById(executionId), executionId);
		if (end?.status === 'completed') return end.result;
		if (end !== undefined) throw new EngineError(end.error.code, end.error.message, end.error);
	}
}

/** n8n puts the ids of a failed execution on the error. */
function reportFailedExecution(error: unknown, call: TaskCall): void {
	const { executionId, workflowId } = (error ?? {}) as Record<string, unknown>;
	if (typeof executionId === 'string' && typeof workflowId === 'string') {
		call.report({ subExecution: { executionId, workflowId } });
	}
}
