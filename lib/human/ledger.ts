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
	const document = await store.get(REVIEWS, request.requestId);
	return document === undefined ? openState(request) : parseState(document.value);
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
	const missing = () => openState(request);
	const changed = await changeDocument(store, request.requestId, { runId, missing }, change);
	return changed!.result;
}

/**
 * Changes a review of which only the id is known.
 *
 * @returns what the change returned, or `undefined` when there is no such review
 */
export async function changeKnownReview<Result>(
	store: Store,
	requestId: string,
	change: ReviewChange<Result>,
): Promise<{ result: Result } | undefined> {
	return await changeDocument(store, requestId, undefined, change);
}

async function changeDocument<Result>(
	store: Store,
	id: string,
	otherwise: { runId: string; missing: () => ReviewState } | undefined,
	change: ReviewChange<Result>,
): Promise<{ result: Result } | undefined> {
	for (let tries = 0; tries < MAX_TRIES; tries++) {
		const document = await store.get(REVIEWS, id);
		const current = document === undefined ? otherwise?.missing() : parseState(document.value);
		if (current === undefined) return undefined;
		const { state, result } = change(current);
		if (state === current && document !== undefined) return { result };
		const saved = await store
			.put({
				collection: REVIEWS,
				id,
				version: document?.version ?? 0,
				value: JSON.stringify(state),
				status: state.status,
				runId: document?.runId ?? otherwise?.runId,
			})
			.then(
				() => true,
				async (error: Error) => (isStoreConflict(error) ? false : await Promise.reject(error)),
			);
		if (saved) return { result };
	}
	throw new EngineError('REVIEW_BUSY', `Review "${id}" is being changed by too many at once.`, {
		errorClass: 'overloaded',
		hint: 'Send the page again.',
	});
}

/** The state of a review as it is stored. */
export function parseState(value: string): ReviewState {
	return parse(reviewStateSchema, parseJson(value), 'Review in the store');
}
