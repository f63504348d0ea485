import { EngineError, parse, parseJson } from '../core';
import { isStoreConflict } from '../store';
import type { Store } from '../store';
import type { ReviewRequest } from './request';
import { openState, reviewStateSchema } from './state';
import type { ReviewState } from './state';

/** Where reviews are kept; their state is the documents' status, so that open ones can be listed. */
export const REVIEWS = 'reviews';

/** How often a change is repeated when others are faster, before giving up. */
const MAX_TRIES = 100;

/** What a change makes of the state: a new state to save, or the same one to leave it. */
export type ReviewChange<Result> = (state: ReviewState) => { state: ReviewState; result: Result };

/** The state of a review; a review that nobody has answered yet need not be in the store. */
export async function loadReview(store: Store, request: ReviewRequest): Promise<ReviewState> {
	return (await readReview(store, request)).state;
}

/**
 * Changes a review by compare-and-set: of changes at the same time each sees the one before.
 *
 * @param runId - the run that the review belongs to; it is removed with it
 * @returns what the change returned, when it was saved
 */
export async function changeReview<Result>(
	store: Store,
	request: ReviewRequest,
	runId: string,
	change: ReviewChange<Result>,
): Promise<Result> {
	for (let tries = 0; tries < MAX_TRIES; tries++) {
		const { state: current, version } = await readReview(store, request);
		const { state, result } = change(current);
		if (state === current && version > 0) return result;
		const saved = await store
			.put({
				collection: REVIEWS,
				id: request.requestId,
				version,
				value: JSON.stringify(state),
				status: state.status,
				runId,
			})
			.then(
				() => true,
				async (error: Error) => (isStoreConflict(error) ? false : await Promise.reject(error)),
			);
		if (saved) return result;
	}
	throw new EngineError(
		'REVIEW_BUSY',
		`Review "${request.requestId}" is being changed by too many at once.`,
		{ errorClass: 'overloaded', hint: 'Send the page again.' },
	);
}

/** A review that still waits for people, as an inbox lists it. */
export interface PendingReview {
	requestId: string;
	title: string;
	runId: string;
	/** Milliseconds since the epoch. */
	openedAt: number;
	deadlineAt: number | null;
	/** Items without a decision, of all. */
	open: number;
	items: number;
	votes: number;
}

/** Reviews that wait for people, newest first. One whose time is over waits no more. */
export async function listPendingReviews(
	store: Store,
	query: { now: number; limit?: number; runId?: string },
): Promise<PendingReview[]> {
	const { now, ...page } = query;
	const { documents } = await store.list(REVIEWS, { ...page, status: ['open'] });
	return documents
		.map(({ value, runId }) => pending(parseState(value), runId))
		.filter(({ deadlineAt }) => deadlineAt === null || deadlineAt > now);
}

function pending(state: ReviewState, runId: string): PendingReview {
	const { requestId, title, openedAt, deadlineAt, items, votes } = state;
	const open = items.filter(({ decision }) => decision === null).length;
	return {
		requestId,
		title,
		runId,
		openedAt,
		deadlineAt,
		open,
		items: items.length,
		votes: votes.length,
	};
}

function parseState(value: string): ReviewState {
	return parse(reviewStateSchema, parseJson(value), 'Review in the store');
}

async function readReview(
	store: Store,
	request: ReviewRequest,
): Promise<{ state: ReviewState; version: number }> {
	const document = await store.get(REVIEWS, request.requestId);
	if (document === undefined) return { state: openState(request), version: 0 };
	return { state: parseState(document.value), version: document.version };
}
