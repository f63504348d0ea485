import type { IBinaryKeyData, INodeExecutionData, IRunExecutionData } from 'n8n-workflow';

import { EngineError, messageOf, serializeError, toJson } from '../../../lib';
import type { JoinEnd, Json } from '../../../lib';
import { isOver } from '../../shared/executions';

type OutputData = ReadonlyArray<readonly INodeExecutionData[] | null | undefined>;

/** One item is the result itself, several are a list, none is `null`. */
export function resultOf(data: OutputData): Json {
	const results = data.flatMap((items) => items ?? []).map(({ json }) => toJson(json));
	return results.length > 1 ? results : (results[0] ?? null);
}

/**
 * The files that came with a result, by name; a name that comes twice is told apart by the number
 * of its item. Undefined when there are none.
 */
export function filesOf(data: OutputData): IBinaryKeyData | undefined {
	const files: IBinaryKeyData = {};
	for (const [index, { binary = {} }] of data.flatMap((items) => items ?? []).entries()) {
		for (const [name, file] of Object.entries(binary)) {
			files[name in files ? `${name}_${index}` : name] = file;
		}
	}
	return Object.keys(files).length === 0 ? undefined : files;
}

/**
 * Reads the end of a sub-workflow off its stored execution.
 *
 * @param run - undefined when somebody has deleted it
 * @returns undefined while it runs or waits
 */
export function endOf(
	run: IRunExecutionData | undefined,
	executionId: string,
): JoinEnd | undefined {
	if (run === undefined) return { status: 'failed', error: serializeError(goneError(executionId)) };
	const { error } = run.resultData;
	if (error !== undefined) {
		return { status: 'failed', error: serializeError(failedError(error.message, executionId)) };
	}
	return isOver(run) ? completedEnd(lastOutput(run)) : undefined;
}

/** The end of a task whose execution gave these items. */
function completedEnd(data: OutputData): JoinEnd {
	return { status: 'completed', result: resultOf(data), ...namesOf(filesOf(data)) };
}

/** The part of an end that names files; empty when there are none. */
export function namesOf(binary: IBinaryKeyData | undefined): { files?: string[] } {
	return binary === undefined ? {} : { files: Object.keys(binary) };
}

/**
 * Whether an execution died with its process, which says nothing about the task. In queue mode n8n
 * says of a job whose worker died that it was processed too often.
 */
export function isCrashed(run: IRunExecutionData | undefined): boolean {
	const { name, message = '' } = run?.resultData.error ?? {};
	return (
		name === 'WorkflowCrashedError' ||
		message.startsWith('Workflow did not finish') ||
		message.includes('failed to be processed too many times')
	);
}

function lastOutput({ resultData }: IRunExecutionData): OutputData {
	return resultData.runData[resultData.lastNodeExecuted ?? '']?.at(-1)?.data?.main ?? [];
}

/** The engine's error for what n8n threw while it ran a sub-workflow. */
export function subWorkflowError(error: unknown, workflowId: string): EngineError {
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

function goneError(executionId: string): EngineError {
	return new EngineError(
		'SUB_WORKFLOW_GONE',
		`Execution ${executionId} of the sub-workflow was deleted while it waited.`,
		{ errorClass: 'not_found', details: { executionId } },
	);
}
