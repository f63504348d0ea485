import type { Runtime } from '../core';
import type { TypedValues } from './ballot';
import type { FieldProblem } from './fields';
import { canTakeBack } from './delegate';
import { issueNonce } from './nonce';
import type { NonceScope } from './nonce';
import { html } from '../page';
import type { Html } from '../page';
import type { Reader } from './page/layout';
import { messagePage, outcomePage, savedWords } from './page/messagePage';
import { earlyPage, passedOnPage, standInPage } from './page/delegationPages';
import { reviewPage } from './page/reviewPage';
import { LANGUAGES, languageFor } from './phrases/phrases';
import type { Phrases } from './phrases/phrases';
import type { ReviewRequest } from './request';
import type { ReviewState } from './state';
import { withoutOldVersions } from './versions';
import { visitorOf } from './visitor';
import type { Visitor } from './visitor';

/** The answer: a page, and the final state when the workflow is to go on. */
export interface ReviewReply {
	status: number;
	html: string;
	/** Set for exactly one caller, unless the workflow has not gone on some time later. */
	closed?: ReviewState;
}

/** What was submitted with a page that has to be shown again. */
export interface Submitted {
	typed: TypedValues;
	problems: ReadonlyMap<string, FieldProblem>;
	notice?: string;
}

/** What the pages are made from. */
export interface RepliesOptions {
	request: ReviewRequest;
	runtime: Pick<Runtime, 'newId'>;
	secret: string;
	/** Who opened the link. */
	reviewerId: string;
	acceptLanguage: string | undefined;
	/** Milliseconds since the epoch. */
	now: number;
	/** The address of the page for somebody. */
	urlOf?: (reviewer: string) => string;
	/** See the desk's field of this name. */
	hasGoneOn?: boolean;
}

/** A decided review whose workflow still waits after this time is delivered again on request. */
export const REDELIVER_AFTER_MS = 30_000;

/** Every page a review can answer with, for one reader. */
export class ReviewReplies {
	private readonly reader: Reader;

	constructor(private readonly options: RepliesOptions) {
		const { request, acceptLanguage } = options;
		const language = languageFor(request.language, acceptLanguage);
		this.reader = { language, phrases: LANGUAGES[language]!, timeZone: request.timeZone };
	}

	private get phrases() {
		return this.reader.phrases;
	}

	/**
	 * The page of an open review for whoever has opened it: to decide on, unless it is somebody
	 * else's turn. After a submit again, with what was typed and what is wrong.
	 */
	page(state: ReviewState, status: number, submitted?: Submitted): ReviewReply {
		const { request, reviewerId, now } = this.options;
		const visitor = visitorOf(request, state, reviewerId, now);
		if (visitor.role === 'early') {
			return { status: 403, html: earlyPage(this.reader, request, visitor.joinsAt) };
		}
		if (visitor.role === 'standIn') return { status: 403, html: standInPage(this.reader, request) };
		if (visitor.role === 'delegator') return this.passedOn(state, status, visitor, submitted);
		return { status, html: this.decisionPage(state, visitor, submitted) };
	}

	private decisionPage(state: ReviewState, visitor: Visitor, submitted?: Submitted): string {
		const problems = submitted?.problems ?? new Map<string, FieldProblem>();
		const correct = problems.size > 0 ? this.phrases.problems : undefined;
		return reviewPage({
			reader: this.reader,
			request: this.options.request,
			state,
			visitor,
			nonce: this.newNonce(state),
			typed: { values: submitted?.typed ?? (() => []), problems },
			notice: submitted?.notice ?? correct,
		});
	}

	private passedOn(
		state: ReviewState,
		status: number,
		{ person, delegation }: Visitor & { role: 'delegator' },
		submitted?: Submitted,
	): ReviewReply {
		const { request, urlOf } = this.options;
		const page = passedOnPage({
			reader: this.reader,
			request,
			to: delegation.to.name,
			url: delegation.sent ? undefined : urlOf?.(delegation.to.id),
			canTakeBack: canTakeBack(state, delegation),
			hasPin: person.pinCode !== null,
			nonce: this.newNonce(state),
			typed: { values: () => [], problems: submitted?.problems ?? new Map() },
		});
		return { status, html: page };
	}

	private newNonce(state: ReviewState): string {
		const { runtime, secret, now } = this.options;
		return issueNonce(secret, this.scope(state), now, runtime.newId());
	}

	/** A page's number fits the data it shows: when somebody changes it, the page is stale. */
	scope(state: ReviewState): NonceScope {
		return {
			requestId: this.options.request.requestId,
			reviewerId: this.options.reviewerId,
			shown: state.items.map(({ payloadHash }) => payloadHash),
		};
	}

	/** What was sent is out of date: nothing is decided, and the page comes again as it is now. */
	stale(state: ReviewState, typed: TypedValues): ReviewReply {
		if (state.status !== 'open') return this.closed(state, 409);
		const notice = `${this.phrases.staleTitle}. ${this.phrases.stale}`;
		const kept = withoutOldVersions(this.options.request, state, typed);
		return this.page(state, 409, { typed: kept, problems: new Map(), notice });
	}

	/** Counted, while the review stays open. */
	saved(state: ReviewState): ReviewReply {
		const words = savedWords(this.phrases, state);
		// An empty address is that of this page, with its signature.
		const again = html`<p><a href="">${this.phrases.continueReview}</a></p>`;
		return this.message(200, words.title, words.text, again);
	}

	receipt(state: ReviewState): ReviewReply {
		const words = { title: this.phrases.receiptTitle, text: this.phrases.receiptDone };
		return { status: 200, html: outcomePage(this.reader, this.options.request, state, words) };
	}

	/** The review is over: says how it ended. */
	closed(state: ReviewState, status: number): ReviewReply {
		const { phrases } = this;
		if (state.status === 'expired') return this.expired();
		const late = status === 409 ? phrases.decidedOther : phrases.decidedBefore;
		const words =
			state.status === 'withdrawn'
				? { title: phrases.withdrawnTitle, text: phrases.withdrawn }
				: { title: phrases.decidedTitle, text: late };
		const resume = this.isOverdue(state) ? this.resumeForm() : undefined;
		return { status, html: outcomePage(this.reader, this.options.request, state, words, resume) };
	}

	/** Decided for so long that whoever was to let the workflow go on cannot have done so. */
	isOverdue({ status, closedAt }: ReviewState): boolean {
		const { now, hasGoneOn = false } = this.options;
		if (hasGoneOn) return false;
		return status !== 'open' && closedAt !== null && now - closedAt > REDELIVER_AFTER_MS;
	}

	private resumeForm(): Html {
		return html`<p>${this.phrases.resumeHelp}</p>
			<form method="post" class="actions">
				<button name="decision" value="resume">${this.phrases.resume}</button>
			</form>`;
	}

	expired(): ReviewReply {
		return this.message(410, this.phrases.expiredTitle, this.phrases.expired);
	}

	locked(): ReviewReply {
		return this.message(403, this.phrases.lockedTitle, this.phrases.locked);
	}

	forbidden(): ReviewReply {
		return this.message(403, this.phrases.forbiddenTitle, this.phrases.forbidden);
	}

	crossSite(): ReviewReply {
		return this.message(403, this.phrases.crossSiteTitle, this.phrases.crossSite);
	}

	/** What was sent is no form of the page, or the method is none that a page uses. */
	badRequest(status: 400 | 405 | 409 | 415): ReviewReply {
		return this.message(status, this.phrases.badRequestTitle, this.phrases.badRequest);
	}

	tooLarge(): ReviewReply {
		return this.message(413, this.phrases.tooLargeTitle, this.phrases.tooLarge);
	}

	private message(status: number, title: string, text: string, more?: Html): ReviewReply {
		return { status, html: messagePage(this.reader, title, text, more) };
	}
}

/** The page for when not even the state of the review can be read. */
export function unavailablePage(acceptLanguage?: string): ReviewReply {
	return plainPage(503, acceptLanguage, ({ unavailableTitle, unavailable }) => [
		unavailableTitle,
		unavailable,
	]);
}

/** The page for a link of which no review is known; it does not tell whether there was one. */
export function invalidLinkPage(acceptLanguage?: string): ReviewReply {
	return plainPage(403, acceptLanguage, ({ forbiddenTitle, forbidden }) => [
		forbiddenTitle,
		forbidden,
	]);
}

function plainPage(
	status: number,
	acceptLanguage: string | undefined,
	words: (phrases: Phrases) => [title: string, text: string],
): ReviewReply {
	const language = languageFor(null, acceptLanguage);
	const phrases = LANGUAGES[language]!;
	const reader: Reader = { language, phrases, timeZone: 'UTC' };
	return { status, html: messagePage(reader, ...words(phrases)) };
}
