import type { TypedValues } from './ballot';
import { readDelegate, withDelegation, withoutDelegation } from './delegate';
import type { NamedDelegate } from './delegate';
import type { ReviewDesk } from './desk';
import type { FieldProblem } from './fields';
import { changeReview } from './ledger';
import { pinCode } from './links';
import type { ReviewReplies, ReviewReply } from './replies';
import type { Delegation, ReviewState } from './state';
import { delegations, visitorOf } from './visitor';
import type { Visitor } from './visitor';

/** A submitted page of a reviewer who has shown who they are. */
export interface DelegationMoment {
	desk: ReviewDesk;
	replies: ReviewReplies;
	typed: TypedValues;
	nonce: string;
	/** Milliseconds since the epoch. */
	now: number;
	/** The review as the page was sent. */
	state: ReviewState;
}

/** A reviewer's own vote goes to somebody else, who gets a link of their own. */
export async function passOn(
	moment: DelegationMoment,
	visitor: Visitor & { role: 'voter' },
): Promise<ReviewReply> {
	const { desk, replies, typed, state } = moment;
	// A vote that was passed on goes no further.
	if (desk.request.delegation === 'none' || visitor.onBehalfOf !== null) {
		const problems = new Map<string, FieldProblem>([['decision', { code: 'decision' }]]);
		return replies.page(state, 422, { typed, problems });
	}
	const result = await recordDelegation(moment, visitor);
	if ('problems' in result) return replies.page(result.state, 422, { typed, ...result });
	if (!('delegation' in result)) return replies.stale(result.state, typed);
	const { id, name } = result.delegation.to;
	const url = desk.urlOf?.(id) ?? '';
	const sent = await desk.sendLink?.({ to: { id, name }, onBehalfOf: visitor.person.name, url });
	return replies.page(sent === true ? await markSent(moment, id) : result.state, 200);
}

type Recorded =
	| { state: ReviewState; delegation: Delegation }
	| { state: ReviewState; problems: Map<string, FieldProblem> }
	| { state: ReviewState };

async function recordDelegation(
	{ desk, typed, nonce, now }: DelegationMoment,
	{ person, vote }: Visitor & { role: 'voter' },
): Promise<Recorded> {
	const { request, store, runId, runtime } = desk;
	const newId = runtime.newId();
	return await changeReview<Recorded>(store, request, runId, (current) => {
		const before = visitorOf(request, current, person.id, now);
		const used = current.delegations.some((each) => each.nonce === nonce);
		// A page that was sent before, or overtaken by what happened meanwhile, does nothing.
		if (current.status !== 'open' || before.role !== 'voter' || used) {
			return { state: current, result: { state: current } };
		}
		const read = readDelegate(request, current, typed, person.pinCode !== null);
		if ('problems' in read) return { state: current, result: { state: current, ...read } };
		const to = personOf(desk, read.delegate, newId);
		const delegation = { from: vote, to, at: now, endedAt: null, nonce, sent: false };
		const state = withDelegation(current, delegation);
		return { state, result: { state, delegation } };
	});
}

/** A stand-in is who they are in the request; somebody else gets an id that was never used. */
function personOf(
	{ request, secret }: ReviewDesk,
	{ id, name, pin }: NamedDelegate,
	newId: string,
): Delegation['to'] {
	const standIn = request.reviewers.find((each) => each.id === id);
	if (standIn !== undefined) return { id: standIn.id, name, pinCode: standIn.pinCode };
	const ownId = `@for-${newId}`;
	return { id: ownId, name, pinCode: pin === '' ? null : pinCode(secret, ownId, pin) };
}

async function markSent({ desk }: DelegationMoment, id: string): Promise<ReviewState> {
	const { request, store, runId } = desk;
	return await changeReview(store, request, runId, (current) => {
		const holds = delegations(current).some((each) => each.to.id === id);
		if (!holds) return { state: current, result: current };
		const state = {
			...current,
			delegations: current.delegations.map((each) =>
				each.to.id === id && each.endedAt === null ? { ...each, sent: true } : each,
			),
		};
		return { state, result: state };
	});
}

/** A reviewer decides again for themselves, unless their vote was used already. */
export async function takeBack(
	{ desk, replies, typed, now, state }: DelegationMoment,
	{ person }: Visitor & { role: 'delegator' },
): Promise<ReviewReply> {
	if (state.status !== 'open') return replies.closed(state, 409);
	if (typed('decision')[0] !== 'takeBack') return replies.page(state, 409);
	const { request, store, runId } = desk;
	const changed = await changeReview(store, request, runId, (current) => {
		const after = current.status === 'open' ? withoutDelegation(current, person.id, now) : current;
		return { state: after, result: after };
	});
	return replies.page(changed, 200);
}
