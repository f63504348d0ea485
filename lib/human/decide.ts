import { hashOf } from '../core';
import { appendAudit } from './audit';
import { votersOf } from './people';
import type { ReviewRequest } from './request';
import type { ItemAnswer, ItemState, ReviewState, Vote } from './state';

/** Nobody decided: too few votes, no time left, or taken back. */
export const NO_DECISION = 'noDecision';
/** The answer that turns a request down, whatever its kind. */
export const REJECTED = 'rejected';

/** What became of a submitted page. */
export type CastResult =
	/** Counted; `state` is new and to be saved. */
	| { outcome: 'counted'; state: ReviewState }
	/** The same page was submitted before, with the same answers. */
	| { outcome: 'repeated'; state: ReviewState }
	/** Too late: the review, or every item answered, is decided already. */
	| { outcome: 'late'; state: ReviewState };

/**
 * Counts one vote. Pure: the caller saves the new state by compare-and-set and casts again when
 * somebody else was faster.
 *
 * The last vote of a person counts, until the item is decided; a decision is final.
 */
export function castVote(request: ReviewRequest, state: ReviewState, vote: Vote): CastResult {
	const earlier = state.votes.find(({ nonce }) => nonce === vote.nonce);
	if (earlier !== undefined) {
		const same = hashOf(earlier.answers) === hashOf(vote.answers);
		return { outcome: same ? 'repeated' : 'late', state };
	}
	const answers = vote.answers.filter(({ item }) => state.items[item]?.decision === null);
	if (state.status !== 'open' || answers.length === 0) return { outcome: 'late', state };
	return { outcome: 'counted', state: counted(request, state, { ...vote, answers }) };
}

function counted(request: ReviewRequest, state: ReviewState, vote: Vote): ReviewState {
	const hashes = vote.answers.map(({ item }) => state.items[item]!.payloadHash);
	let next: ReviewState = {
		...state,
		votes: [...state.votes, { ...vote, payloadHashes: hashes }],
		audit: appendAudit(state.audit, {
			at: vote.at,
			type: 'voted',
			by: vote.by,
			data: {
				name: vote.name,
				onBehalfOf: vote.onBehalfOf,
				comment: vote.comment,
				answers: vote.answers,
				payloadHashes: hashes,
			},
		}),
	};
	for (const answer of vote.answers) next = withEdit(request, next, vote, answer);
	const items = next.items.map((item, index) => decided(request, next, item, index));
	next = { ...next, items };
	return items.every(({ decision }) => decision !== null) ? closed(next, vote.at) : next;
}

/** An edit that others still have to approve starts the vote on the item anew, with the new data. */
function withEdit(
	request: ReviewRequest,
	state: ReviewState,
	vote: Vote,
	{ item, value }: ItemAnswer,
): ReviewState {
	const current = state.items[item]!;
	if (request.kind !== 'edit' || value === undefined) return state;
	const payloadHash = hashOf(value);
	if (payloadHash === current.payloadHash) return state;
	const edited: ItemState = {
		...current,
		edited: value,
		payloadHash,
		// The editor's own vote is the first one about the new data.
		since: state.votes.length - 1,
	};
	return {
		...state,
		items: state.items.map((each, index) => (index === item ? edited : each)),
		audit: appendAudit(state.audit, {
			at: vote.at,
			type: 'edited',
			by: vote.by,
			data: { item, from: current.payloadHash, to: payloadHash },
		}),
	};
}

function decided(
	request: ReviewRequest,
	state: ReviewState,
	item: ItemState,
	index: number,
): ItemState {
	if (item.decision !== null) return item;
	const ballots = currentAnswers(state, item, index);
	const decision = outcomeOf(request, ballots);
	if (decision === undefined) return item;
	const value = [...ballots.values()].find((answer) => answer.decision === decision)?.value;
	return { ...item, decision, ...(value === undefined ? {} : { value }) };
}

/** The last answer of each person about the present version of an item. */
export function currentAnswers(
	state: ReviewState,
	{ since }: ItemState,
	index: number,
): Map<string, ItemAnswer> {
	const answers = new Map<string, ItemAnswer>();
	for (const { by, answers: given } of state.votes.slice(since)) {
		const answer = given.find(({ item }) => item === index);
		if (answer === undefined) continue;
		// Deleted first, so that the order is that of the votes that count.
		answers.delete(by);
		answers.set(by, answer);
	}
	return answers;
}

function outcomeOf(
	request: ReviewRequest,
	ballots: ReadonlyMap<string, ItemAnswer>,
): string | undefined {
	const { quorum } = request;
	const saying = (decision: string) =>
		[...ballots].filter(([, answer]) => answer.decision === decision).map(([by]) => by);
	if (saying(REJECTED).length >= quorum.reject) return REJECTED;
	const positive = new Set([...ballots.values()].map(({ decision }) => decision));
	positive.delete(REJECTED);
	for (const decision of positive) {
		const voters = saying(decision);
		if (voters.length >= quorum.approve && groupsAgree(request, voters)) return decision;
	}
	const all = votersOf(request);
	const missing = all.filter(({ id }) => !ballots.has(id));
	return all.length > 0 && missing.length === 0 ? NO_DECISION : undefined;
}

function groupsAgree({ quorum, reviewers }: ReviewRequest, voters: readonly string[]): boolean {
	return Object.entries(quorum.perGroup).every(([group, needed]) => {
		const members = reviewers.filter(({ id, group: own }) => own === group && voters.includes(id));
		return members.length >= needed;
	});
}

function closed(state: ReviewState, at: number): ReviewState {
	const decisions = state.items.map(({ decision }) => decision);
	return {
		...state,
		status: 'decided',
		closedAt: at,
		audit: appendAudit(state.audit, { at, type: 'decided', by: 'system', data: { decisions } }),
	};
}

/** Ends an open review without a decision on what is still undecided. */
export function closeUndecided(
	state: ReviewState,
	status: 'expired' | 'withdrawn',
	at: number,
	by: string,
): ReviewState {
	if (state.status !== 'open') return state;
	const undecided = state.items.flatMap(({ decision }, index) =>
		decision === null ? [index] : [],
	);
	return {
		...state,
		status,
		closedAt: at,
		audit: appendAudit(state.audit, { at, type: status, by, data: { undecided } }),
	};
}
