import type { Runtime } from '../core';
import type { Store } from '../store';
import { readBallot } from './ballot';
import type { TypedValues } from './ballot';
import { castVote, closeUndecided } from './decide';
import type { CastResult } from './decide';
import type { FieldProblem } from './fields';
import { changeReview, loadReview } from './ledger';
import { CLOCK, OWNER, isGenuine, pinCode } from './links';
import type { ReviewLink } from './links';
import { checkNonce } from './nonce';
import { ReviewReplies } from './replies';
import type { ReviewReply } from './replies';
import type { ReviewRequest, Reviewer } from './request';
import { isSameOrigin } from './sameOrigin';
import type { CallHeaders } from './sameOrigin';
import { equalInConstantTime } from './secret';
import type { ReviewState, Vote } from './state';

/** What was sent: fields of a form, or why there are none. */
export type FormBody =
	| { fields: URLSearchParams }
	| { refused: 'tooLarge' | 'wrongType' | 'unreadable' };

/** A request to the address of a review. */
export interface ReviewCall {
	/** In upper case. Only POST can change anything. */
	method: string;
	headers: CallHeaders;
	link: ReviewLink;
	/** Reads the body; only called for a POST. */
	readForm(): Promise<FormBody>;
}

/** What is needed to answer: the request, where its state is kept, and the key of its links. */
export interface ReviewDesk {
	request: ReviewRequest;
	store: Store;
	runtime: Pick<Runtime, 'now' | 'newId'>;
	/** Known to this n8n alone; links, page numbers and PINs are checked with it. */
	secret: string;
	/** The run that the review belongs to. */
	runId: string;
	/** Addresses under which this n8n is reached. */
	ownOrigins?: readonly string[];
}

/** More wrong PINs lock the link. */
const MAX_WRONG_PINS = 5;

/** Answers one request to a review. Nothing but a POST with the number of its page decides. */
export async function answerReviewCall(call: ReviewCall, desk: ReviewDesk): Promise<ReviewReply> {
	return await new ReviewSession(call, desk).answer();
}

class ReviewSession {
	private readonly replies: ReviewReplies;
	private readonly reviewer: Reviewer | undefined;
	private readonly now: number;

	constructor(
		private readonly call: ReviewCall,
		private readonly desk: ReviewDesk,
	) {
		const { request, runtime, secret } = desk;
		const accepted = call.headers['accept-language'];
		this.now = runtime.now();
		this.reviewer = request.reviewers.find(({ id }) => id === call.link.reviewer);
		this.replies = new ReviewReplies({
			request,
			runtime,
			secret,
			reviewerId: call.link.reviewer,
			acceptLanguage: typeof accepted === 'string' ? accepted : undefined,
			now: this.now,
		});
	}

	async answer(): Promise<ReviewReply> {
		const { method, headers, link } = this.call;
		if (!this.mayEnter()) return this.replies.forbidden();
		if (method === 'GET' || method === 'HEAD') return await this.show();
		if (method !== 'POST') return this.replies.badRequest(405);
		if (link.reviewer === CLOCK) return await this.expire();
		if (!isSameOrigin(headers, this.desk.ownOrigins ?? [])) return this.replies.crossSite();
		const body = await this.call.readForm();
		if ('fields' in body) return await this.submit((name) => body.fields.getAll(name));
		if (body.refused === 'tooLarge') return this.replies.tooLarge();
		return this.replies.badRequest(body.refused === 'wrongType' ? 415 : 400);
	}

	/** The link must be ours, and lead to somebody who may decide. */
	private mayEnter(): boolean {
		const { request, secret } = this.desk;
		const { link, method } = this.call;
		if (!isGenuine(secret, request.requestId, link)) return false;
		if (link.reviewer === CLOCK) return method === 'POST';
		if (link.reviewer === OWNER) return true;
		return request.reviewers.length === 0 ? link.reviewer === '' : this.reviewer !== undefined;
	}

	private async show(): Promise<ReviewReply> {
		const state = await this.load();
		if (state.status !== 'open') return this.replies.closed(state, 200);
		return this.isExpired() ? this.replies.expired() : this.replies.page(state, 200);
	}

	private async submit(typed: TypedValues): Promise<ReviewReply> {
		const state = await this.load();
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
		const isOwner = this.call.link.reviewer === OWNER;
		return isOwner ? await this.withdraw(state, typed) : await this.vote(state, typed, nonce);
	}

	private async vote(state: ReviewState, typed: TypedValues, nonce: string): Promise<ReviewReply> {
		const { request } = this.desk;
		const isOpen = state.status === 'open';
		const wrongPin = isOpen ? await this.wrongPin(typed) : undefined;
		if (wrongPin !== undefined) return wrongPin;
		// Items decided meanwhile are read as well, so that a repeated page gives equal answers.
		const undecided = { ...state, items: state.items.map((item) => ({ ...item, decision: null })) };
		const ballot = readBallot(request, isOpen ? state : undecided, typed);
		const { problems } = ballot;
		if (problems.size > 0 && isOpen) return this.replies.page(state, 422, { typed, problems });
		const result = await this.cast(
			{
				by: this.call.link.reviewer,
				name: this.reviewer?.name ?? ballot.name,
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

	/** Counts the vote, unless what the page showed has changed since. */
	private async cast(vote: Vote, seen: ReviewState): Promise<CastResult | 'changed'> {
		const { request } = this.desk;
		const shown = (state: ReviewState) => this.replies.scope(state).shown.join();
		return await this.change<CastResult | 'changed'>((current) => {
			const result = castVote(request, current, vote);
			return result.outcome === 'counted' && shown(current) !== shown(seen)
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

	/** The clock's own call: ends the review when its time is over. */
	private async expire(): Promise<ReviewReply> {
		if (!this.isExpired()) return this.replies.badRequest(409);
		const ended = await this.end('expired', this.desk.request.deadlineAt ?? this.now, 'system');
		const deliver = ended.isMine || this.replies.isOverdue(ended.state);
		return { ...this.replies.expired(), ...(deliver ? { closed: ended.state } : {}) };
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

	/**
	 * What to answer when the reviewer's PIN is not right. A try is counted before it is looked at,
	 * so that many at the same moment are not more than five.
	 */
	private async wrongPin(typed: TypedValues): Promise<ReviewReply | undefined> {
		const { reviewer } = this;
		if (reviewer === undefined || reviewer.pinCode === null) return undefined;
		const counted = await this.countTry(reviewer.id, (tries) => tries + 1);
		const tries = counted.wrongPins[reviewer.id] ?? 0;
		if (tries > MAX_WRONG_PINS) return this.replies.locked();
		const given = pinCode(this.desk.secret, reviewer.id, typed('pin')[0] ?? '');
		if (equalInConstantTime(given, reviewer.pinCode)) {
			await this.countTry(reviewer.id, () => 0);
			return undefined;
		}
		if (tries === MAX_WRONG_PINS) return this.replies.locked();
		return this.replies.page(counted, 422, {
			typed,
			problems: new Map([['pin', { code: 'pin' }]]),
		});
	}

	private async countTry(reviewer: string, next: (tries: number) => number): Promise<ReviewState> {
		return await this.change((current) => {
			const tries = current.wrongPins[reviewer] ?? 0;
			// Locked stays locked.
			const counted = tries > MAX_WRONG_PINS ? tries : next(tries);
			const state = { ...current, wrongPins: { ...current.wrongPins, [reviewer]: counted } };
			return { state, result: state };
		});
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
