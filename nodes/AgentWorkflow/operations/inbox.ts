import { readInvitations } from '../../../lib';
import type { PendingReview } from '../../../lib';
import { operation } from '../operation';
import { inboxSchema } from '../parameters';

/** Lists the reviews of Human Review nodes that wait for people, newest first: an inbox. */
export const getReviews = operation({
	schema: inboxSchema,
	run: async ({ limit, options }, { openReviews, store }) => {
		const { reviewLinks, ofPerson, ofRun } = options;
		const reviews = await openReviews({
			limit,
			...(ofPerson !== '' && { waitingFor: ofPerson }),
			...(ofRun !== '' && { runId: ofRun }),
		});
		return await Promise.all(
			reviews.map(async (review) => {
				const kept = reviewLinks ? await readInvitations(store, review.requestId) : undefined;
				return { json: { ...inboxEntry(review, kept?.links ?? {}) } };
			}),
		);
	},
});

/** A review as an item. @param links - by the id of whose they are */
function inboxEntry(review: PendingReview, links: Readonly<Record<string, string>>): object {
	const { origin, openedAt, deadlineAt, waitingFor, ...told } = review;
	const { executionId = null, workflowId = null, workflow = null, node = null } = origin ?? {};
	return {
		...told,
		executionId,
		workflowId,
		workflow,
		node,
		openedAt: new Date(openedAt).toISOString(),
		deadline: deadlineAt === null ? null : new Date(deadlineAt).toISOString(),
		waitingFor: waitingFor.map(({ id, name, group, onBehalfOf }) => ({
			reviewer: name === '' ? null : name,
			group,
			onBehalfOf,
			...(links[id] !== undefined && { url: links[id] }),
		})),
	};
}
