import { votersOf } from './people';
import type { ReviewRequest } from './request';
import { OWNER } from './links';
import type { Delegation, ReviewState } from './state';

/** Whoever opened a link: what they are to the review now. */
export type Visitor =
	/** Without named reviewers, whoever has the link. */
	| { role: 'anyone' }
	/** Whoever asked; may take the request back. */
	| { role: 'owner' }
	/** Has a vote: their own, or one that was passed on to them. */
	| { role: 'voter'; person: Person; vote: string; onBehalfOf: string | null }
	/** Has passed their vote on. */
	| { role: 'delegator'; person: Person; delegation: Delegation }
	/** Is asked later, when nobody has decided by then. */
	| { role: 'early'; joinsAt: number }
	/** Nobody has passed a vote on to them. */
	| { role: 'standIn' }
	/** A genuine link, but of nobody who is asked any more. */
	| { role: 'stranger' };

/** Somebody with a link of their own. */
export interface Person {
	id: string;
	name: string;
	/** See `pinCode`; `null` when no PIN is asked for. */
	pinCode: string | null;
}

/** Who the link of somebody leads in, given what has happened so far. */
export function visitorOf(
	request: ReviewRequest,
	state: ReviewState,
	id: string,
	now: number,
): Visitor {
	if (id === OWNER) return { role: 'owner' };
	if (id === '') return { role: votersOf(request).length === 0 ? 'anyone' : 'stranger' };
	const held = delegations(state).find(({ to }) => to.id === id);
	if (held !== undefined) {
		const owner = request.reviewers.find((each) => each.id === held.from);
		return {
			role: 'voter',
			person: held.to,
			vote: held.from,
			onBehalfOf: owner?.name ?? held.from,
		};
	}
	const person = request.reviewers.find((each) => each.id === id);
	if (person === undefined) return { role: 'stranger' };
	if (person.standIn) return { role: 'standIn' };
	const { joinsAt } = person;
	if (joinsAt !== null && now < joinsAt) return { role: 'early', joinsAt };
	const delegation = delegations(state).find(({ from }) => from === id);
	if (delegation !== undefined) return { role: 'delegator', person, delegation };
	return { role: 'voter', person, vote: id, onBehalfOf: null };
}

/** The votes that are passed on now. */
export function delegations(state: ReviewState): Delegation[] {
	return state.delegations.filter(({ endedAt }) => endedAt === null);
}
