import { NO_DECISION, REJECTED } from '../decide';
import type { Phrases } from '../phrases/phrases';
import { say } from '../phrases/phrases';
import type { ReviewRequest } from '../request';
import type { ReviewState } from '../state';
import { html } from '../../page';
import type { Html, HtmlPart } from '../../page';
import { layout, moment } from './layout';
import type { Reader } from './layout';

/** A page that only says something. */
export function messagePage(reader: Reader, title: string, text: string, more?: HtmlPart): string {
	return layout(
		reader,
		title,
		html`<h1 tabindex="-1" autofocus>${title}</h1>
			<div class="card">
				<p>${text}</p>
				${more}
			</div>`,
	);
}

/** What a page about a review that is over says first. */
export type ClosedWords = { title: string; text: string };

/**
 * The receipt, or the page for those who come too late: what was decided, by whom and when, and
 * the reference to ask about it.
 *
 * @param resume - a form that lets the workflow go on, when it has not yet
 */
export function outcomePage(
	reader: Reader,
	request: ReviewRequest,
	state: ReviewState,
	words: ClosedWords,
	resume?: HtmlPart,
): string {
	const { phrases } = reader;
	return layout(
		reader,
		words.title,
		html`<h1 tabindex="-1" autofocus>${words.title}</h1>
			<div class="card">
				<p>${words.text}</p>
				<dl class="facts">
					<dt>${phrases.review}</dt>
					<dd>${request.title}</dd>
					<dt>${phrases.outcome}</dt>
					<dd>${outcomes(phrases, request, state)}</dd>
					${deciders(reader, state)}
					<dt>${phrases.reference}</dt>
					<dd class="mono">${state.audit.at(-1)?.hash.slice(0, 16)}</dd>
				</dl>
				${resume}
			</div>`,
	);
}

function deciders(reader: Reader, { votes, closedAt }: ReviewState): HtmlPart {
	const { phrases } = reader;
	const names = [...new Set(votes.map(({ name }) => name).filter((name) => name !== ''))];
	return [
		names.length > 0 &&
			html`<dt>${phrases.by}</dt>
				<dd>${names.join(', ')}</dd>`,
		closedAt !== null &&
			html`<dt>${phrases.on}</dt>
				<dd>${moment(reader, closedAt)}</dd>`,
	];
}

function outcomes(phrases: Phrases, request: ReviewRequest, { items }: ReviewState): HtmlPart {
	const decisions = items.map(({ decision }) => decision ?? NO_DECISION);
	const kinds = [...new Set(decisions)];
	return kinds.map((decision, index) => {
		const count = decisions.filter((each) => each === decision).length;
		const times = items.length > 1 ? ` × ${count}` : '';
		return html`${index > 0 && ' '}${badge(phrases, request, decision)}${times}`;
	});
}

/** A decision in the reader's words. */
export function badge(phrases: Phrases, request: ReviewRequest, decision: string): Html {
	const known: Readonly<Record<string, string>> = {
		approved: phrases.approved,
		answered: phrases.answered,
		[REJECTED]: phrases.rejected,
		[NO_DECISION]: phrases.noDecision,
	};
	const label = request.choices.find(({ id }) => id === decision)?.label;
	const text = label ?? (Object.hasOwn(known, decision) ? known[decision] : decision);
	const tone = decision === REJECTED ? 'rejected' : decision === NO_DECISION ? 'muted' : 'approved';
	return html`<span class="badge ${tone}">${text}</span>`;
}

/** What a reviewer reads whose vote or decisions are saved while the review stays open. */
export function savedWords(phrases: Phrases, { items }: ReviewState): ClosedWords {
	const left = items.filter(({ decision }) => decision === null).length;
	const text =
		items.length > 1
			? say(phrases.receiptPart, { left, count: items.length })
			: phrases.receiptVote;
	return { title: phrases.receiptTitle, text };
}
