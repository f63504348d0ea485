import type { Store } from '../store';
import { REVIEWS, parseState } from './ledger';
import type { AboutReview, ReviewState } from './state';
import { awaitedIn } from './waiting';
import type { AwaitedReviewer } from './waiting';

/** A review that still waits for people, as an inbox lists it. */
export interface PendingReview {
	requestId: string;
	title: string;
	/** Markdown, cut short. */
	message: string;
	kind: AboutReview['kind'] | null;
	askedBy: string;
	runId: string;
	/** Execution, workflow and node that wait; `null` outside of n8n. */
	origin: AboutReview['origin'];
	/** Milliseconds since the epoch. */
	openedAt: number;
	deadlineAt: number | null;
	/** Items without a decision, of all. */
	open: number;
	items: number;
	votes: number;
	/** Votes it takes; see the request. */
	quorum: AboutReview['quorum'] | null;
	/** Whose answers are missing. Their links are secrets: see `readInvitations`. */
	waitingFor: AwaitedReviewer[];
}

/** Which reviews to list. */
export interface PendingQuery {
	/** Milliseconds since the epoch. */
	now: number;
	/** At most this many. Default 50, at most 1000. */
	limit?: number;
	/** Only those of this run. */
	runId?: string;
	/** Only those that wait for this reviewer or stand-in, by name. */
	waitingFor?: string;
}

/** Reviews that wait for people, newest first. One whose time is over waits no more. */
export async function listPendingReviews(
	store: Store,
	{ now, waitingFor, ...page }: PendingQuery,
): Promise<PendingReview[]> {
	const { documents } = await store.list(REVIEWS, { ...page, status: ['open'] });
	return documents
		.map(({ value, runId }) => pending(parseState(value), runId, now))
		.filter(({ deadlineAt }) => deadlineAt === null || deadlineAt > now)
		.filter((each) => waitingFor === undefined || waitsFor(each, waitingFor));
}

function waitsFor({ waitingFor }: PendingReview, name: string): boolean {
	return waitingFor.some((each) => each.name === name);
}

function pending(state: ReviewState, runId: string, now: number): PendingReview {
	const { requestId, title, about, openedAt, deadlineAt, items, votes } = state;
	return {
		requestId,
		title,
		message: about?.message ?? '',
		kind: about?.kind ?? null,
		askedBy: about?.askedBy ?? '',
		runId,
		origin: about?.origin ?? null,
		openedAt,
		deadlineAt,
		open: items.filter(({ decision }) => decision === null).length,
		items: items.length,
		votes: votes.length,
		quorum: about?.quorum ?? null,
		waitingFor: awaitedIn(state, now),
	};
}
