import type { Runtime } from '../core';
import type { Store } from '../store';
import { readBallot } from './ballot';
import type { TypedValues } from './ballot';
import { castVote, closeUndecided } from './decide';
import type { CastResult } from './decide';
import type { FieldProblem } from './fields';
import { changeReview, loadReview } from './ledger';
import { CLOCK, isGenuine, pinCode } from './links';
import type { ReviewLink } from './links';
import { checkNonce, issueNonce } from './nonce';
import { html } from './page/html';
import type { Html } from './page/html';
import type { Reader } from './page/layout';
import { messagePage, outcomePage, savedWords } from './page/messagePage';
import { reviewPage } from './page/reviewPage';
import { LANGUAGES, languageFor } from './phrases/phrases';
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

/** The answer: a page, and the final state when the workflow is to go on. */
export interface ReviewReply {
	status: number;
	html: string;
	/** Set for exactly one caller, unless the workflow has not gone on some time later. */
	closed?: ReviewState;
}

/** A decided review whose workflow still waits after this time is delivered again on request. */
const REDELIVER_AFTER_MS = 10_000;
/** More wrong PINs lock the link. */
const MAX_WRONG_PINS = 5;

/** Answers one request to a review. Nothing but a POST with the number of its page decides. */
export async function answerReviewCall(call: ReviewCall, desk: ReviewDesk): Promise<ReviewReply> {
	return await new ReviewSession(call, desk).answer();
}

class ReviewSession {
	private readonly reader: Reader;
	private readonly reviewer: Reviewer | undefined;
	private readonly now: number;

	constructor(
		private readonly call: ReviewCall,
		private readonly desk: ReviewDesk,
	) {
		const { language: wanted, timeZone, reviewers } = desk.request;
		const accepted = call.headers['accept-language'];
		const language = languageFor(wanted, typeof accepted === 'string' ? accepted : undefined);
		this.reader = { language, phrases: LANGUAGES[language]!, timeZone };
		this.reviewer = reviewers.find(({ id }) => id === call.link.reviewer);
		this.now = desk.runtime.now();
	}

	async answer(): Promise<ReviewReply> {
		const { phrases } = this.reader;
		if (!this.mayEnter()) return this.message(403, phrases.forbiddenTitle, phrases.forbidden);
		const reading = this.call.method === 'GET' || this.call.method === 'HEAD';
		if (reading) return await this.show();
		if (this.call.method !== 'POST') {
			return this.message(405, phrases.badRequestTitle, phrases.badRequest);
		}
		if (this.call.link.reviewer === CLOCK) return await this.expire();
		if (!isSameOrigin(this.call.headers, this.desk.ownOrigins ?? [])) {
			return this.message(403, phrases.crossSiteTitle, phrases.crossSite);
		}
		const body = await this.call.readForm();
		return 'fields' in body ? await this.submit(valuesOf(body.fields)) : this.refuse(body.refused);
	}

	/** The link must be ours, and lead to somebody who may decide. */
	private mayEnter(): boolean {
		const { request, secret } = this.desk;
		const { link } = this.call;
		if (!isGenuine(secret, request.requestId, link)) return false;
		if (link.reviewer === CLOCK) return this.call.method === 'POST';
		return request.reviewers.length === 0 ? link.reviewer === '' : this.reviewer !== undefined;
	}

	private async show(): Promise<ReviewReply> {
		const state = await loadReview(this.desk.store, this.desk.request);
		if (state.status !== 'open') return this.closedPage(state, 200, true);
		return this.isExpired() ? this.expired() : this.page(state, 200);
	}

	private isExpired(): boolean {
		const { deadlineAt } = this.desk.request;
		return deadlineAt !== null && this.now >= deadlineAt;
	}

	private async submit(typed: TypedValues): Promise<ReviewReply> {
		const state = await loadReview(this.desk.store, this.desk.request);
		if (state.status !== 'open' && typed('decision')[0] === 'resume') return this.resume(state);
		const nonce = typed('nonce')[0] ?? '';
		// A repeated page is answered from the record, whatever time it is.
		const repeated = state.votes.some((vote) => vote.nonce === nonce);
		if (!repeated && state.status === 'open' && this.isExpired()) return this.expired();
		if (!repeated && state.status === 'open') {
			const check = checkNonce(this.desk.secret, this.scope(state), nonce, this.now);
			if (check !== 'fresh') return this.stale(state, typed);
		}
		return await this.vote(state, typed, nonce);
	}

	private async vote(state: ReviewState, typed: TypedValues, nonce: string): Promise<ReviewReply> {
		if (state.status === 'open') {
			const wrongPin = await this.wrongPin(state, typed);
			if (wrongPin !== undefined) return wrongPin;
		}
		// Items decided meanwhile are read as well, so that a repeated page gives equal answers.
		const seen = { ...state, items: state.items.map((item) => ({ ...item, decision: null })) };
		const ballot = readBallot(this.desk.request, state.status === 'open' ? state : seen, typed);
		if (ballot.problems.size > 0 && state.status === 'open') {
			return this.page(state, 422, { typed, problems: ballot.problems });
		}
		const vote: Vote = {
			by: this.call.link.reviewer,
			name: this.reviewer?.name ?? ballot.name,
			at: this.now,
			comment: ballot.comment,
			channel: 'page',
			nonce,
			answers: ballot.answers,
			payloadHashes: [],
		};
		const result = await this.cast(vote, this.scope(state).shown);
		return result === 'changed' ? await this.changed(typed) : this.replyTo(result);
	}

	/** Counts the vote, unless what the page showed has changed since. */
	private async cast(vote: Vote, shown: readonly string[]): Promise<CastResult | 'changed'> {
		const { request, store, runId } = this.desk;
		return await changeReview<CastResult | 'changed'>(store, request, runId, (current) => {
			const result = castVote(request, current, vote);
			const sameData = this.scope(current).shown.join() === shown.join();
			return result.outcome === 'counted' && !sameData
				? { state: current, result: 'changed' }
				: { state: result.state, result };
		});
	}

	private replyTo({ outcome, state }: CastResult): ReviewReply {
		const { phrases } = this.reader;
		if (outcome === 'late') return this.closedPage(state, 409, false);
		if (state.status === 'open') return this.saved(state);
		const words = { title: phrases.receiptTitle, text: phrases.receiptDone };
		const page = outcomePage(this.reader, this.desk.request, state, words);
		const deliver = outcome === 'counted' || this.isOverdue(state);
		return { status: 200, html: page, ...(deliver ? { closed: state } : {}) };
	}

	private saved(state: ReviewState): ReviewReply {
		const { phrases } = this.reader;
		const words = savedWords(phrases, state);
		// An empty address is that of this page, with its signature.
		const again = html`<p><a href="">${phrases.continueReview}</a></p>`;
		return this.message(200, words.title, words.text, again);
	}

	/** The clock's own call: ends the review when its time is over. */
	private async expire(): Promise<ReviewReply> {
		const { phrases } = this.reader;
		if (!this.isExpired()) return this.message(409, phrases.review, phrases.footer);
		const { request, store, runId } = this.desk;
		const closedAt = request.deadlineAt ?? this.now;
		const ended = await changeReview(store, request, runId, (current) => {
			const state = closeUndecided(current, 'expired', closedAt, 'system');
			return { state, result: { state, mine: state !== current } };
		});
		const reply = this.expired();
		return ended.mine || this.isOverdue(ended.state) ? { ...reply, closed: ended.state } : reply;
	}

	private resume(state: ReviewState): ReviewReply {
		const reply = this.closedPage(state, 200, false);
		return this.isOverdue(state) ? { ...reply, closed: state } : reply;
	}

	/** Decided for so long that whoever was to let the workflow go on cannot have done so. */
	private isOverdue({ status, closedAt }: ReviewState): boolean {
		return status !== 'open' && closedAt !== null && this.now - closedAt > REDELIVER_AFTER_MS;
	}

	private async wrongPin(state: ReviewState, typed: TypedValues): Promise<ReviewReply | undefined> {
		const { request, store, runId, secret } = this.desk;
		const { reviewer } = this;
		if (reviewer === undefined || reviewer.pinCode === null) return undefined;
		const { phrases } = this.reader;
		const locked = () => this.message(403, phrases.lockedTitle, phrases.locked);
		if ((state.wrongPins[reviewer.id] ?? 0) >= MAX_WRONG_PINS) return locked();
		const given = pinCode(secret, reviewer.id, typed('pin')[0] ?? '');
		if (equalInConstantTime(given, reviewer.pinCode)) return undefined;
		const counted = await changeReview(store, request, runId, (current) => {
			const wrongPins = { ...current.wrongPins };
			wrongPins[reviewer.id] = (wrongPins[reviewer.id] ?? 0) + 1;
			const next = { ...current, wrongPins };
			return { state: next, result: next };
		});
		if ((counted.wrongPins[reviewer.id] ?? 0) >= MAX_WRONG_PINS) return locked();
		return this.page(counted, 422, { typed, problems: new Map([['pin', { code: 'pin' }]]) });
	}

	private stale(state: ReviewState, typed: TypedValues): ReviewReply {
		const { phrases } = this.reader;
		const notice = `${phrases.staleTitle}. ${phrases.stale}`;
		return this.page(state, 409, { typed, problems: new Map(), notice });
	}

	private async changed(typed: TypedValues): Promise<ReviewReply> {
		return this.stale(await loadReview(this.desk.store, this.desk.request), typed);
	}

	private page(
		state: ReviewState,
		status: number,
		submitted?: { typed: TypedValues; problems: Map<string, FieldProblem>; notice?: string },
	): ReviewReply {
		const { secret, request, runtime } = this.desk;
		const problems = submitted?.problems ?? new Map<string, FieldProblem>();
		const nonce = issueNonce(secret, this.scope(state), this.now, runtime.newId());
		const notice =
			submitted?.notice ?? (problems.size > 0 ? this.reader.phrases.problems : undefined);
		const page = reviewPage({
			reader: this.reader,
			request,
			state,
			reviewer: this.reviewer,
			nonce,
			typed: { values: submitted?.typed ?? (() => []), problems },
			notice,
		});
		return { status, html: page };
	}

	/** A page's number fits the data it shows: when somebody changes it, the page is stale. */
	private scope(state: ReviewState) {
		return {
			requestId: this.desk.request.requestId,
			reviewerId: this.call.link.reviewer,
			shown: state.items.map(({ payloadHash }) => payloadHash),
		};
	}

	private closedPage(state: ReviewState, status: number, mayResume: boolean): ReviewReply {
		const { phrases } = this.reader;
		if (state.status === 'expired') return this.expired();
		const late = status === 409 ? phrases.decidedOther : phrases.decidedBefore;
		const words =
			state.status === 'withdrawn'
				? { title: phrases.withdrawnTitle, text: phrases.withdrawn }
				: { title: phrases.decidedTitle, text: late };
		const resume = mayResume && this.isOverdue(state) ? this.resumeForm() : undefined;
		return { status, html: outcomePage(this.reader, this.desk.request, state, words, resume) };
	}

	private resumeForm(): Html {
		const { phrases } = this.reader;
		return html`<p>${phrases.resumeHelp}</p>
			<form method="post" class="actions">
				<button name="decision" value="resume">${phrases.resume}</button>
			</form>`;
	}

	private expired(): ReviewReply {
		const { phrases } = this.reader;
		return this.message(410, phrases.expiredTitle, phrases.expired);
	}

	private refuse(reason: 'tooLarge' | 'wrongType' | 'unreadable'): ReviewReply {
		const { phrases } = this.reader;
		if (reason === 'tooLarge') return this.message(413, phrases.tooLargeTitle, phrases.tooLarge);
		const status = reason === 'wrongType' ? 415 : 400;
		return this.message(status, phrases.badRequestTitle, phrases.badRequest);
	}

	private message(status: number, title: string, text: string, more?: Html): ReviewReply {
		return { status, html: messagePage(this.reader, title, text, more) };
	}
}

function valuesOf(fields: URLSearchParams): TypedValues {
	return (name) => fields.getAll(name);
}

/** The page for when not even the state of the review can be read. */
export function unavailablePage(acceptLanguage?: string): ReviewReply {
	const language = languageFor(null, acceptLanguage);
	const phrases = LANGUAGES[language]!;
	const reader: Reader = { language, phrases, timeZone: 'UTC' };
	return { status: 503, html: messagePage(reader, phrases.unavailableTitle, phrases.unavailable) };
}
