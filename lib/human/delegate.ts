import { appendAudit } from './audit';
import type { TypedValues } from './ballot';
import type { FieldProblem } from './fields';
import { isSamePerson } from './people';
import type { ReviewRequest } from './request';
import type { Delegation, ReviewState } from './state';
import { delegations } from './visitor';

/** Fewest characters of a PIN that a reviewer gives to somebody else. */
export const MIN_PIN_LENGTH = 4;

const MAX_NAME = 200;

/** To whom a vote is to be passed on, as it was typed. */
export interface NamedDelegate {
	/** Of a stand-in who is named in the request; `null` for somebody else. */
	id: string | null;
	name: string;
	/** The PIN they are to use; empty for none, and for stand-ins, who have their own. */
	pin: string;
}

/**
 * Reads to whom a reviewer wants to pass their vote on.
 *
 * Everybody has one vote at most, and who asked has none: so it cannot go to another reviewer, to
 * somebody who holds one already, or to whoever asked. And it cannot become less safe: where the
 * reviewer needs a PIN, so does who answers in their place.
 *
 * @param needsPin - whether the reviewer's own link needs one
 */
export function readDelegate(
	request: ReviewRequest,
	state: ReviewState,
	typed: TypedValues,
	needsPin: boolean,
): { delegate: NamedDelegate } | { problems: Map<string, FieldProblem> } {
	const name = (typed('delegate')[0] ?? '').replace(/\s+/g, ' ').trim();
	const wrong = (field: string, problem: FieldProblem) => ({
		problems: new Map([[field, problem]]),
	});
	if (name === '') return wrong('delegate', { code: 'required' });
	if (name.length > MAX_NAME) {
		return wrong('delegate', { code: 'maxLength', detail: String(MAX_NAME) });
	}
	if (delegations(state).some(({ to }) => isSamePerson(to.name, name))) {
		return wrong('delegate', { code: 'hasVote' });
	}
	if (request.delegation === 'listed') {
		const standIn = request.reviewers.find((each) => each.standIn && each.id === name);
		if (standIn === undefined) return wrong('delegate', { code: 'notOption' });
		return { delegate: { id: standIn.id, name: standIn.name, pin: '' } };
	}
	if (isSamePerson(name, request.requester ?? '')) return wrong('delegate', { code: 'requester' });
	if (request.reviewers.some((each) => isSamePerson(each.name, name))) {
		return wrong('delegate', { code: 'hasVote' });
	}
	const pin = typed('delegate-pin')[0] ?? '';
	if ((needsPin || pin !== '') && pin.length < MIN_PIN_LENGTH) {
		return wrong('delegate-pin', { code: 'minLength', detail: String(MIN_PIN_LENGTH) });
	}
	return { delegate: { id: null, name, pin } };
}

/** The review after a vote was passed on. */
export function withDelegation(state: ReviewState, delegation: Delegation): ReviewState {
	const { from, to, at } = delegation;
	return {
		...state,
		delegations: [...state.delegations, delegation],
		audit: appendAudit(state.audit, {
			at,
			type: 'delegated',
			by: from,
			data: { to: to.name, link: to.id },
		}),
	};
}

/** Whether a vote can still be taken back: as long as nothing was answered with it. */
export function canTakeBack(state: ReviewState, { from, to }: Delegation): boolean {
	return !state.votes.some(({ by, voter }) => by === from && voter === to.id);
}

/** The review after a reviewer took their vote back; the same one when they no longer can. */
export function withoutDelegation(state: ReviewState, from: string, at: number): ReviewState {
	const delegation = delegations(state).find((each) => each.from === from);
	if (delegation === undefined || !canTakeBack(state, delegation)) return state;
	return {
		...state,
		delegations: state.delegations.map((each) =>
			each === delegation ? { ...each, endedAt: at } : each,
		),
		audit: appendAudit(state.audit, {
			at,
			type: 'delegationEnded',
			by: from,
			data: { to: delegation.to.name },
		}),
	};
}
