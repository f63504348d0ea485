import { say } from '../phrases/phrases';
import type { ReviewRequest } from '../request';
import { pinControl } from './controls';
import type { Typed } from './controls';
import { html } from '../../page';
import { layout, moment } from './layout';
import type { Reader } from './layout';
import { messagePage } from './messagePage';

/** What a reviewer sees who has passed their vote on. */
export interface PassedOnView {
	reader: Reader;
	request: ReviewRequest;
	/** Name of who answers now. */
	to: string;
	/** Their link, when the reviewer has to hand it over. */
	url: string | undefined;
	canTakeBack: boolean;
	/** Whether the reviewer needs a PIN to take their vote back. */
	hasPin: boolean;
	nonce: string;
	typed: Typed;
}

/** The page of a reviewer who has passed their vote on. */
export function passedOnPage(view: PassedOnView): string {
	const { reader, request, to, url } = view;
	const { phrases } = reader;
	return layout(
		reader,
		phrases.passedOnTitle,
		html`<h1 tabindex="-1" autofocus>${phrases.passedOnTitle}</h1>
			<div class="card">
				<p>${say(phrases.passedOn, { name: to, title: request.title })}</p>
				${url === undefined
					? html`<p>${say(phrases.passedOnSent, { name: to })}</p>`
					: html`<p id="hand-over">${say(phrases.passedOnLink, { name: to })}</p>
							<pre tabindex="0" aria-labelledby="hand-over">${url}</pre>`}
			</div>
			${view.canTakeBack && takeBackForm(view)}`,
	);
}

function takeBackForm({ reader: { phrases }, to, hasPin, nonce, typed }: PassedOnView) {
	return html`<form method="post" class="card" accept-charset="utf-8">
		<input type="hidden" name="nonce" value="${nonce}" />
		<p>${say(phrases.takeBackHelp, { name: to })}</p>
		${hasPin && pinControl(phrases, typed)}
		<div class="actions">
			<button name="decision" value="takeBack">${phrases.takeBack}</button>
		</div>
	</form>`;
}

/** The page of a reviewer who is only asked later. */
export function earlyPage(reader: Reader, { title }: ReviewRequest, joinsAt: number): string {
	const { phrases } = reader;
	const when = html`<p>${moment(reader, joinsAt)}</p>`;
	return messagePage(reader, phrases.earlyTitle, say(phrases.early, { title }), when);
}

/** The page of a stand-in to whom no vote was passed on. */
export function standInPage(reader: Reader, { title }: ReviewRequest): string {
	const { phrases } = reader;
	return messagePage(reader, phrases.standInTitle, say(phrases.standIn, { title }));
}
