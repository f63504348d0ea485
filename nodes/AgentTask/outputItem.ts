import type { INodeExecutionData } from 'n8n-workflow';

import type { RecordedTask } from './itemRun';

/** The item of a task that is done. */
export function doneItem({ end, reused, runKey, stepPath }: RecordedTask): INodeExecutionData {
	const { confidence, reviews } = end;
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
			finishReason: end.finishReason,
			reused,
			runKey,
			stepPath,
		},
	};
}
