import { canonicalJson } from '../../core';
import { hasHidden, html } from '../../page';
import type { Html, HtmlPart } from '../../page';
import type { Phrases } from '../phrases/phrases';
import { say } from '../phrases/phrases';
import { votesSoFar } from '../versions';
import type { Visitor } from '../visitor';
import { answerCard } from './answerCard';
import { itemCard } from './itemCard';
import { layout, moment } from './layout';
import { markdown } from './markdown';
import type { ReviewView } from './reviewView';

/** The page on which somebody decides. */
export function reviewPage(view: ReviewView): string {
	const { reader, request, notice, typed } = view;
	const { phrases } = reader;
	const wrong = typed.problems.size > 0;
	const title = wrong ? `${phrases.problems} ${request.title}` : request.title;
	return layout(
		reader,
		title,
		html`<h1 tabindex="-1" autofocus>${request.title}</h1>
			${notice !== undefined &&
			html`<div class="note ${wrong ? 'bad' : 'info'}" role="alert"><p>${notice}</p></div>`}
			${warnings(view)}
			<section class="card">${facts(view)}</section>
			${request.message !== '' &&
			html`<section class="card" aria-labelledby="message-title">
				<h2 id="message-title">${phrases.message}</h2>
				${markdown(request.message)}
			</section>`}
			<form method="post" accept-charset="utf-8">
				<input type="hidden" name="nonce" value="${view.nonce}" />
				<button class="unseen" name="decision" value="none" tabindex="-1" aria-hidden="true">
					${phrases.back}
				</button>
				${request.items.map((_, index) => itemCard(view, index))} ${answerCard(view)}
			</form>
			<footer>
				<p>${phrases.footer}</p>
			</footer>`,
	);
}

function warnings({ reader: { phrases }, request, state }: ReviewView): HtmlPart {
	const shown = [request.title, request.message, canonicalJson(request.items)].join('\n');
	const edited = state.items.some((item) => item.edited !== undefined);
	return [
		request.untrusted && html`<div class="note warn"><p>${phrases.untrusted}</p></div>`,
		hasHidden(shown) && html`<div class="note warn"><p>${phrases.hiddenCharacters}</p></div>`,
		edited && html`<div class="note info"><p>${phrases.newVersion}</p></div>`,
	];
}

function facts({ reader, request, state, visitor }: ReviewView): Html {
	const { phrases } = reader;
	const { quorum, deadlineAt, askedBy } = request;
	const afterwards = {
		noDecision: phrases.timeoutNoDecision,
		reject: phrases.timeoutReject,
		default: phrases.timeoutDefault,
		approve: phrases.timeoutApprove,
	};
	const { approve, reject } = quorum;
	const needed = say(phrases.neededValue, { approve, reject, count: votesSoFar(state) });
	return html`<dl class="facts">
		${askedBy !== '' && fact(phrases.askedBy, askedBy)}
		${fact(phrases.reviewer, visitorName(phrases, visitor))}
		${fact(phrases.opened, moment(reader, request.openedAt))}
		${fact(phrases.deadline, deadlineAt === null ? phrases.noDeadline : moment(reader, deadlineAt))}
		${deadlineAt !== null && fact(phrases.afterDeadline, afterwards[request.onTimeout])}
		${(approve > 1 || reject > 1) && fact(phrases.needed, needed)}
	</dl>`;
}

function visitorName(phrases: Phrases, visitor: Visitor): string {
	if (visitor.role === 'owner') return phrases.owner;
	if (visitor.role !== 'voter') return phrases.anyone;
	const { person, onBehalfOf } = visitor;
	return onBehalfOf === null
		? person.name
		: say(phrases.inPlaceOf, { name: person.name, owner: onBehalfOf });
}

function fact(name: string, value: HtmlPart): Html {
	return html`<dt>${name}</dt>
		<dd>${value}</dd>`;
}
