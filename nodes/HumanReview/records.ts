import type { IExecuteFunctions } from 'n8n-workflow';

import { changeReview, parseJson, removeInvitations, reportPart, saveInvitations } from '../../lib';
import type { Invitations, ReviewDecision, Store } from '../../lib';
import { n8nRuntime } from '../shared/runtime';
import { openStore } from '../shared/store';
import type { ReviewSessionData } from './session';

/** Where decisions are kept for runs that ask the same again. */
const COLLECTION = 'reviewDecisions';

/** The decisions of people about exactly this, in this run, when they are to be used again. */
export async function recordedDecisions(
	context: IExecuteFunctions,
	{ reuseKey }: ReviewSessionData,
): Promise<ReviewDecision[] | undefined> {
	if (context.getNodeParameter('ifAlreadyDone', 0, 'reuse') === 'runAgain') return undefined;
	const document = await (await openStore(context)).get(COLLECTION, reuseKey);
	if (document === undefined) return undefined;
	return parseJson(document.value) as unknown as ReviewDecision[];
}

/**
 * Keeps the decisions of people, and tells the run that the review is over. What the clock decided
 * is asked again.
 *
 * @param part - name of the node
 */
export async function recordDecisions(
	store: Store,
	{ request, reuseKey, runId }: ReviewSessionData,
	decisions: readonly ReviewDecision[],
	part: string,
): Promise<void> {
	const outcome = [...new Set(decisions.map(({ decision }) => decision))].join(', ');
	const report = { status: 'completed' as const, message: `${request.title}: ${outcome}` };
	await reportPart(store, runId, part, report, n8nRuntime.now());
	await removeInvitations(store, request.requestId);
	if (decisions.some(({ decidedBy }) => decidedBy !== 'human')) return;
	const value = JSON.stringify(decisions);
	await store.put({ collection: COLLECTION, id: reuseKey, version: 'any', value, runId });
}

/** Lists the review as open, in the store and in the record of its run, and keeps its links. */
export async function announceReview(
	context: IExecuteFunctions,
	{ request, runId }: ReviewSessionData,
	invitations: Invitations,
): Promise<void> {
	const store = await openStore(context);
	await saveInvitations(store, request.requestId, runId, invitations);
	// An unchanged state of a review that is not in the store yet is written all the same.
	await changeReview(store, request, runId, (state) => ({ state, result: undefined }));
	const part = {
		status: 'waiting' as const,
		message: `Waiting for a review: ${request.title}`,
	};
	await reportPart(store, runId, context.getNode().name, part, n8nRuntime.now());
}
