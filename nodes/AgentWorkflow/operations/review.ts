import type { Json } from '../../../lib';
import { parseJson } from '../../../lib';
import { item, operation } from '../operation';
import { answerSchema, noneSchema } from '../parameters';
import { shownReview } from '../views';
import { outcome } from './execution';

/** Lists what people are asked, oldest first. */
export const listReviews = operation({
	schema: noneSchema,
	run: async (_parameters, { manager }) =>
		(await manager.requests()).map((request) => ({ json: shownReview(request) })),
});

/** Answers what a step asks; the execution goes on from there, in this process. */
export const answerReview = operation({
	schema: answerSchema,
	run: async ({ executionId, requestId, answer, waitForEnd }, context) => {
		const receipt = await context.manager.answer(executionId, requestId, answerOf(answer));
		const [{ json }] = (await outcome(executionId, waitForEnd, context)) as [{ json: object }];
		return item({ ...receipt, ...json });
	},
});

/** Text that is JSON is data; any other text is the answer itself. */
function answerOf(answer: unknown): Json {
	if (typeof answer !== 'string') return (answer ?? null) as Json;
	try {
		return parseJson(answer);
	} catch {
		return answer;
	}
}
