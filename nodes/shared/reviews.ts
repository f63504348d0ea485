import type { IExecuteFunctions } from 'n8n-workflow';

import { changeKnownReview, closeUndecided, listPendingReviews } from '../../lib';
import type { PendingQuery, PendingReview, Store } from '../../lib';
import { isOver } from './executions';
import { n8nRuntime } from './runtime';

/** What is needed to see whether an execution still waits. */
export type ReviewContext = Pick<IExecuteFunctions, 'getExecutionDataById' | 'getInstanceId'>;

/**
 * Reviews that wait for people, newest first, for an inbox. Those whose execution was stopped,
 * has failed or was deleted are ended and left out.
 */
export async function waitingReviews(
	context: ReviewContext,
	store: Store,
	query: Omit<PendingQuery, 'now'>,
): Promise<PendingReview[]> {
	const listed = await listPendingReviews(store, { ...query, now: n8nRuntime.now() });
	const waiting: PendingReview[] = [];
	for (const review of listed) {
		if (await isGone(context, review.origin)) await endGone(store, review.requestId);
		else waiting.push(review);
	}
	return waiting;
}

/** Whether the execution that waits for a review was stopped, has failed, or was deleted. */
export async function isGone(
	context: ReviewContext,
	origin: PendingReview['origin'],
): Promise<boolean> {
	// Of the executions of another n8n that shares the store nothing is known here.
	if (origin === null || origin.instanceId !== context.getInstanceId()) return false;
	const run = await context.getExecutionDataById(origin.executionId);
	return run === undefined || run.resultData.error !== undefined || isOver(run);
}

/** Ends a review whose execution is gone: nobody can decide it any more. */
export async function endGone(store: Store, requestId: string): Promise<void> {
	const now = n8nRuntime.now();
	await changeKnownReview(store, requestId, (current) => {
		const { deadlineAt } = current;
		const how = deadlineAt !== null && deadlineAt <= now ? 'expired' : 'withdrawn';
		return { state: closeUndecided(current, how, now, 'system'), result: undefined };
	});
}
