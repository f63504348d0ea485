import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import type { RecordedTask } from './itemRun';
import type { NotCompleted } from './notCompleted';
import { jsonOf } from './task';

/** The item of a task that is done. */
export function doneItem(task: RecordedTask): INodeExecutionData {
	const { end, reused, saved, runKey, stepPath } = task;
	const { confidence, cutShort, reviews } = end;
	return {
		json: {
			output: end.output,
			...(confidence === undefined ? {} : { confidence }),
			usage: { ...end.usage },
			model: end.model,
			attempts: end.attempts,
			durationMs: Math.round(end.durationMs),
			toolCalls: end.toolCalls.map((call) => ({ ...call })),
			...(reviews.length === 0 ? {} : { reviews: reviews.map((review) => ({ ...review })) }),
			outcome: end.outcome,
			...(cutShort === undefined
				? {}
				: { cutShort: { code: cutShort.code, message: cutShort.message } }),
			finishReason: end.finishReason,
			reused,
			...(reused && saved !== undefined ? { saved: { ...saved } } : {}),
			runKey,
			stepPath,
		},
	};
}

/** The item of a task that failed, with the value that was set for this case. */
export function defaultItem(failure: NotCompleted, defaultValue: unknown): INodeExecutionData {
	const { end, code, message } = failure;
	const output = defaultValue === undefined ? null : jsonOf(defaultValue, 'Default Value');
	return {
		json: {
			output: output as IDataObject,
			usage: { ...end.usage },
			model: end.model,
			attempts: end.attempts,
			durationMs: Math.round(end.durationMs),
			toolCalls: end.toolCalls.map((call) => ({ ...call })),
			outcome: 'default',
			failure: { code, message },
			reused: false,
		},
	};
}

/** The answer, and how far it is one: what an agent that called this one as a tool has to know. */
export function answerOnly({ json, ...item }: INodeExecutionData): INodeExecutionData {
	if (json.error !== undefined) return { ...item, json };
	const { output, confidence, outcome } = json;
	return {
		...item,
		json: { output, outcome, ...(confidence === undefined ? {} : { confidence }) },
	};
}
