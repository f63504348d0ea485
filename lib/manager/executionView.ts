import { isJsonObject, type Json, type SerializedError } from '../core';
import { documentedStatus, type DocumentedRunStatus } from '../run';
import type { ExecutionRecord } from './executionRecord';

/** How an execution is doing, for a status page. */
export interface ExecutionStatus
	extends Omit<
		ExecutionRecord,
		'schemaVersion' | 'definition' | 'checkpoint' | 'owner' | 'input' | 'output'
	> {
	/** The status in the words of documents 003 and 004. */
	documentedStatus: DocumentedRunStatus;
	/** Set when its process died: it can be resumed. */
	interrupted?: boolean;
}

/** What an execution gave. */
export interface ExecutionResult
	extends Pick<ExecutionRecord, 'runId' | 'workflowId' | 'status' | 'outcome' | 'cause'> {
	/** `null` unless it completed. */
	output: Json;
	/** Why it did not complete. */
	error?: SerializedError;
}

/** Something an execution asks people; see `WorkflowManager.answer`. */
export interface PendingRequest {
	runId: string;
	workflowId: string;
	/** Name of the workflow. */
	workflow: string;
	request: ExecutionRecord['requests'][number];
}

/** What a person is asked; `undefined` for waits of another kind, such as a pause or a signal. */
export function askedOf({
	payload,
}: Pick<PendingRequest['request'], 'payload'>): string | undefined {
	return isJsonObject(payload) && typeof payload.prompt === 'string' ? payload.prompt : undefined;
}

/** The public part of a stored execution. */
export function statusOf(record: ExecutionRecord): ExecutionStatus {
	const { schemaVersion, definition, checkpoint, owner, input, output, ...rest } = record;
	void [schemaVersion, definition, checkpoint, owner, input, output];
	return { ...rest, documentedStatus: documentedStatus(record.status) };
}

/** The result of an ended execution. */
export function resultOf(record: ExecutionRecord): ExecutionResult {
	const { runId, workflowId, status, outcome, cause, error } = record;
	return {
		runId,
		workflowId,
		status,
		outcome,
		output: (record.output ?? null) as Json,
		...(cause && { cause }),
		...(error && { error }),
	};
}
