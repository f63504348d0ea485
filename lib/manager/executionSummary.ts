import { parseJson } from '../core';
import type { ExecutionRecord } from './executionRecord';

/** The fields of an execution that lists show. */
const FIELDS = [
	'runId',
	'workflowId',
	'workflowVersion',
	'workflowType',
	'name',
	'status',
	'outcome',
	'progress',
	'step',
	'stepDescription',
	'usage',
	'cause',
	'metadata',
	'recoveries',
	'wakeAt',
	'createdAt',
	'startedAt',
	'endedAt',
	'updatedAt',
] as const satisfies ReadonlyArray<keyof ExecutionRecord>;

/** An execution as lists show it: what does not grow with its steps. */
export interface ExecutionSummary extends Pick<ExecutionRecord, (typeof FIELDS)[number]> {
	/** How many steps there are, and how many of them have completed. */
	steps: { total: number; completed: number };
	/** How many questions people are asked now. */
	pendingRequests: number;
	/** Why it failed. */
	error?: string;
}

/** The short form of a stored execution. */
export function summaryOf(record: ExecutionRecord): ExecutionSummary {
	const { steps, requests, error } = record;
	const fields = Object.fromEntries(FIELDS.map((name) => [name, record[name]]));
	return {
		...(fields as Pick<ExecutionRecord, (typeof FIELDS)[number]>),
		steps: {
			total: steps.length,
			completed: steps.filter(({ status }) => status === 'completed').length,
		},
		pendingRequests: requests.length,
		...(error === undefined ? {} : { error: error.message }),
	};
}

/** Reads what {@link summaryOf} has stored. A list of a thousand is not checked field by field. */
export function readSummary(value: string): ExecutionSummary {
	return parseJson(value) as unknown as ExecutionSummary;
}
