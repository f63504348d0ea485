import { readBallot } from './ballot';
import type { TypedValues } from './ballot';
import { castVote, closeUndecided } from './decide';
import type { CastResult } from './decide';
import { passOn, takeBack } from './delegationCall';
import type { ReviewCall, ReviewDesk } from './desk';
import type { FieldProblem } from './fields';
import { changeReview, loadReview } from './ledger';
import { CLOCK, DELIVERY, OWNER, isGenuine } from './links';
import { checkNonce } from './nonce';
import { checkPin } from './pins';
import { ReviewReplies } from './replies';
import type { ReviewReply } from './replies';
import { isSameOrigin } from './sameOrigin';
import type { ReviewState, Vote } from './state';
import { visitorOf } from './visitor';
import type { Person, Visitor } from './visitor';

/** Answers one request to a review. Nothing but a POST with the number of its page decides. */
export async function answerReviewCall(call: ReviewCall, desk: ReviewDesk): Promise<ReviewReply> {
	return await new ReviewSession(call, desk).answer();
}

/** A submitted page: who sent it, what it holds, and the review as it was then. */
interface Submission {
	visitor: Visitor;
	typed: TypedValues;
	nonce: string;
	state: ReviewState;
}

class ReviewSession {
	private readonly replies: ReviewReplies;
	private readonly now: number;

	constructor(
		private readonly call: ReviewCall,
		private readonly desk: ReviewDesk,
	) {
		const { request, runtime, secret, urlOf } = desk;
		const accepted = call.headers['accept-language'];
		this.now = runtime.now();
		this.replies = new ReviewReplies({
			request,
			runtime,
			secret,
			reviewerId: call.link.reviewer,
			acceptLanguage: typeof accepted === 'string' ? accepted : undefined,
			now: this.now,
			urlOf,
			hasGoneOn: desk.hasGoneOn,
		});
	}

	async answer(): Promise<ReviewReply> {
		const { method, headers, link } = this.call;
		const { request, secret } = this.desk;
		if (!isGenuine(secret, request.requestId, link)) return this.replies.forbidden();
		if (link.reviewer === CLOCK) {
			return method === 'POST' ? await this.expire() : this.replies.forbidden();
		}
		if (link.reviewer === DELIVERY) {
			return method === 'POST' ? await this.deliver() : this.replies.forbidden();
		}
		if (method === 'GET' || method === 'HEAD') return await this.show();
		if (method !== 'POST') return this.replies.badRequest(405);
		if (!isSameOrigin(headers, this.desk.ownOrigins ?? [])) return this.replies.crossSite();
		const body = await this.call.readForm();
		if ('fields' in body) return await this.submit((name) => body.fields.getAll(name));
		if (body.refused === 'tooLarge') return this.replies.tooLarge();
		return this.replies.badRequest(body.refused === 'wrongType' ? 415 : 400);
	}

	private visitorIn(state: ReviewState): Visitor {
		return visitorOf(this.desk.request, state, this.call.link.reviewer, this.now);
	}

	private async show(): Promise<ReviewReply> {
		const state = await this.load();
		if (this.visitorIn(state).role === 'stranger') return this.replies.forbidden();
		if (state.status !== 'open') return this.replies.closed(state, 200);
		return this.isExpired() ? this.replies.expired() : this.replies.page(state, 200);
	}

	private async submit(typed: TypedValues): Promise<ReviewReply> {
		const state = await this.load();
		const visitor = this.visitorIn(state);
		if (visitor.role === 'stranger') return this.replies.forbidden();
		const isOpen = state.status === 'open';
		if (!isOpen && typed('decision')[0] === 'resume') return this.resume(state);
		const nonce = typed('nonce')[0] ?? '';
		// A repeated page is answered from the record, whatever time it is.
		const isRepeated = state.votes.some((vote) => vote.nonce === nonce);
		if (isOpen && !isRepeated) {
			if (this.isExpired()) return this.replies.expired();
			const check = checkNonce(this.desk.secret, this.replies.scope(state), nonce, this.now);
			if (check !== 'fresh') return this.replies.stale(state, typed);
		}
		return await this.handle({ visitor, typed, nonce, state });
	}

	private async handle(submission: Submission): Promise<ReviewReply> {
		const { visitor, typed, nonce, state } = submission;
		const { desk, replies, now } = this;
		const isOpen = state.status === 'open';
		if (visitor.role === 'owner') return await this.withdraw(state, typed);
		if (visitor.role === 'anyone') return await this.vote(submission, undefined);
		if (visitor.role !== 'voter' && visitor.role !== 'delegator') {
			return isOpen ? replies.page(state, 403) : replies.closed(state, 409);
		}
		const { person } = visitor;
		const wrongPin = isOpen ? await this.wrongPin(person, typed) : undefined;
		if (wrongPin !== undefined) return wrongPin;
		const moment = { desk, replies, typed, nonce, now, state };
		if (visitor.role === 'delegator') return await takeBack(moment, visitor);
		if (isOpen && typed('decision')[0] === 'delegate') return await passOn(moment, visitor);
		return await this.vote(submission, visitor);
	}

	private async vote(
		{ typed, nonce, state }: Submission,
		voter: (Visitor & { role: 'voter' }) | undefined,
	): Promise<ReviewReply> {
		const { request } = this.desk;
		const isOpen = state.status === 'open';
		// Items decided meanwhile are read as well, so that a repeated page gives equal answers.
		const undecided = { ...state, items: state.items.map((item) => ({ ...item, decision: null })) };
		const ballot = readBallot(request, isOpen ? state : undecided, typed);
		const { problems } = ballot;
		if (problems.size > 0 && isOpen) return this.replies.page(state, 422, { typed, problems });
		const result = await this.cast(
			{
				by: voter?.vote ?? '',
				voter: voter?.onBehalfOf == null ? '' : voter.person.id,
				onBehalfOf: voter?.onBehalfOf ?? null,
				name: voter?.person.name ?? ballot.name,
				at: this.now,
				comment: ballot.comment,
				channel: 'page',
				nonce,
				answers: ballot.answers,
				payloadHashes: [],
			},
			state,
		);
		if (result === 'changed') return this.replies.stale(await this.load(), typed);
		return this.replyTo(result);
	}

	/** Counts the vote, unless what the page showed, or whose vote it is, has changed since. */
	private async cast(vote: Vote, seen: ReviewState): Promise<CastResult | 'changed'> {
		const { request } = this.desk;
		const shown = (state: ReviewState) => this.replies.scope(state).shown.join();
		return await this.change<CastResult | 'changed'>((current) => {
			const result = castVote(request, current, vote);
			const visitor = this.visitorIn(current);
			const holds = visitor.role === 'voter' ? visitor.vote === vote.by : visitor.role === 'anyone';
			return result.outcome === 'counted' && !(holds && shown(current) === shown(seen))
				? { state: current, result: 'changed' }
				: { state: result.state, result };
		});
	}

	private replyTo({ outcome, state }: CastResult): ReviewReply {
		if (outcome === 'late') return this.replies.closed(state, 409);
		if (state.status === 'open') return this.replies.saved(state);
		const receipt = this.replies.receipt(state);
		return outcome === 'counted' ? { ...receipt, closed: state } : receipt;
	}

	/** Whoever asked takes the request back; what is decided stays decided. */
	private async withdraw(state: ReviewState, typed: TypedValues): Promise<ReviewReply> {
		if (state.status === 'open' && typed('decision')[0] !== 'withdraw') {
			const problems = new Map<string, FieldProblem>([['decision', { code: 'decision' }]]);
			return this.replies.page(state, 422, { typed, problems });
		}
		const ended = await this.end('withdrawn', this.now, OWNER);
		const reply = this.replies.closed(ended.state, ended.isMine ? 200 : 409);
		return ended.isMine ? { ...reply, closed: ended.state } : reply;
	}

	/**
	 * The clock's own call: ends the review when its time is over, and brings an end to the workflow
	 * that has not heard of it for long.
	 */
	private async expire(): Promise<ReviewReply> {
		const isOpen = (await this.load()).status === 'open';
		if (isOpen && !this.isExpired()) return this.replies.badRequest(409);
		const ended = await this.end('expired', this.desk.request.deadlineAt ?? this.now, 'system');
		const deliver = ended.isMine || this.replies.isOverdue(ended.state);
		return { ...this.replies.expired(), ...(deliver ? { closed: ended.state } : {}) };
	}

	/** The call of a published page, on which the review has ended. */
	private async deliver(): Promise<ReviewReply> {
		const state = await this.load();
		if (state.status === 'open') return this.replies.badRequest(409);
		const isDecided = state.status === 'decided';
		const reply = isDecided ? this.replies.receipt(state) : this.replies.closed(state, 200);
		return { ...reply, closed: state };
	}

	private async end(
		how: 'expired' | 'withdrawn',
		at: number,
		by: string,
	): Promise<{ state: ReviewState; isMine: boolean }> {
		return await this.change((current) => {
			const state = closeUndecided(current, how, at, by);
			return { state, result: { state, isMine: state !== current } };
		});
	}

	private resume(state: ReviewState): ReviewReply {
		const reply = this.replies.closed(state, 200);
		return this.replies.isOverdue(state) ? { ...reply, closed: state } : reply;
	}

	/** What to answer when somebody's PIN is not right. */
	private async wrongPin(person: Person, typed: TypedValues): Promise<ReviewReply | undefined> {
		if (person.pinCode === null) return undefined;
		const { result, state } = await checkPin(this.desk, person, typed('pin')[0] ?? '');
		if (result === 'right') return undefined;
		if (result === 'locked') return this.replies.locked();
		const problems = new Map<string, FieldProblem>([['pin', { code: 'pin' }]]);
		return this.replies.page(state, 422, { typed, problems });
	}

	private isExpired(): boolean {
		const { deadlineAt } = this.desk.request;
		return deadlineAt !== null && this.now >= deadlineAt;
	}

	private async load(): Promise<ReviewState> {
		return await loadReview(this.desk.store, this.desk.request);
	}

	private async change<Result>(
		change: (current: ReviewState) => { state: ReviewState; result: Result },
	): Promise<Result> {
		const { store, request, runId } = this.desk;
		return await changeReview(store, request, runId, change);
	}
}
