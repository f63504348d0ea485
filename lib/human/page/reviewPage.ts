import { canonicalJson, isJsonObject } from '../../core';
import type { Json } from '../../core';
import { differenceOf } from '../difference';
import type { FormField } from '../fields';
import type { Phrases } from '../phrases/phrases';
import { say } from '../phrases/phrases';
import type { ReviewRequest } from '../request';
import { payloadOf } from '../state';
import type { ReviewState } from '../state';
import type { Visitor } from '../visitor';
import { fieldControl, optionControl, pinControl, problemText, textArea } from './controls';
import type { Typed } from './controls';
import { hasHidden, html } from '../../page';
import type { Html, HtmlPart } from '../../page';
import { jsonView } from './jsonView';
import { layout, moment } from './layout';
import type { Reader } from './layout';
import { markdown } from './markdown';
import { badge } from './messagePage';

/** Everything a review page shows. */
export interface ReviewView {
	reader: Reader;
	request: ReviewRequest;
	state: ReviewState;
	/** Who opened the link: to decide, or to take back what they asked for. */
	visitor: Visitor;
	/** The page's number, to be sent back once. */
	nonce: string;
	typed: Typed;
	/** What to say above all, e.g. that something must be corrected. */
	notice?: string;
}

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
	const needed = say(phrases.neededValue, { approve, reject, count: state.votes.length });
	return html`<dl class="facts">
		${askedBy !== '' && fact(phrases.askedBy, askedBy)}
		${fact(phrases.reviewer, visitorName(phrases, visitor))}
		${fact(phrases.opened, moment(reader, request.openedAt))}
		${fact(phrases.deadline, deadlineAt === null ? phrases.noDeadline : moment(reader, deadlineAt))}
		${deadlineAt !== null && fact(phrases.afterDeadline, afterwards[request.onTimeout])}
		${(approve > 1 || reject > 1) && fact(phrases.needed, needed)}
	</dl>`;
}

function isOwner({ visitor }: ReviewView): boolean {
	return visitor.role === 'owner';
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

function itemCard(view: ReviewView, index: number): Html {
	const { reader, request, state } = view;
	const { phrases } = reader;
	const { label } = request.items[index]!;
	const count = request.items.length;
	const number = say(phrases.item, { number: index + 1, count });
	const title = count === 1 ? phrases.toReview : label === '' ? number : `${number}: ${label}`;
	const payload = payloadOf(request, state, index);
	return html`<section class="card" aria-labelledby="item-${index}-title">
		<h2 id="item-${index}-title">${title}</h2>
		${request.kind === 'edit' && !isOwner(view) && state.items[index]!.decision === null
			? editor(view, index, payload)
			: payloadView(phrases, request, payload)}
		${changesView(view, index)}
		<details>
			<summary>${phrases.rawData}</summary>
			<pre tabindex="0">${JSON.stringify(payload, undefined, 2)}</pre>
			<p class="help">
				${phrases.fingerprint} <span class="mono">${state.items[index]!.payloadHash}</span>
			</p>
		</details>
		${request.decideEach && !isOwner(view) && itemDecision(view, index)}
	</section>`;
}

/** What a reviewer has changed, for the others who vote about it. */
function changesView({ reader: { phrases }, request, state }: ReviewView, index: number): HtmlPart {
	const { edited } = state.items[index]!;
	if (edited === undefined) return null;
	const side = (value: Json | undefined, look: string, sign: string) => {
		const text = typeof value === 'string' ? value : JSON.stringify(value);
		return value !== undefined && html`<div class="text ${look}">${`${sign} ${text}`}</div>`;
	};
	return html`<h3>${phrases.changes}</h3>
		<dl class="tree">
			${differenceOf(request.items[index]!.payload, edited).map(
				({ path, from, to }) =>
					html`<div>
						<dt>${path}</dt>
						<dd>${side(from, 'del', '−')}${side(to, 'ins', '+')}</dd>
					</div>`,
			)}
		</dl>`;
}

function payloadView(phrases: Phrases, request: ReviewRequest, payload: Json): Html {
	const { format } = request;
	if (typeof payload === 'string' && format === 'markdown') return markdown(payload);
	if (format === 'text' || typeof payload === 'string') {
		const text = typeof payload === 'string' ? payload : JSON.stringify(payload, undefined, 2);
		return html`<div class="text">${text}</div>`;
	}
	return format === 'json' && !isJsonObject(payload)
		? html`<pre tabindex="0">${JSON.stringify(payload, undefined, 2)}</pre>`
		: jsonView(payload, phrases);
}

function editor({ reader: { phrases }, typed }: ReviewView, index: number, payload: Json): Html {
	const name = `value-${index}`;
	const isText = typeof payload === 'string';
	const value = typed.values(name)[0] ?? (isText ? payload : JSON.stringify(payload, undefined, 2));
	const help = isText ? undefined : phrases.editHelpJson;
	const area = { name, label: phrases.editLabel, help, value, code: !isText, rows: 12 };
	return textArea(phrases, area, typed);
}

/** The choice about one of many items; decided ones only say how. */
function itemDecision(view: ReviewView, index: number): Html {
	const { reader, request, state, typed } = view;
	const { phrases } = reader;
	const { decision } = state.items[index]!;
	if (decision !== null) return html`<p>${badge(phrases, request, decision)}</p>`;
	const name = `decision-${index}`;
	const [before] = typed.values(name);
	const options = [
		...decisionsOf(phrases, request),
		...(request.kind === 'choice' ? [] : [{ id: 'reject', label: phrases.reject }]),
		{ id: '', label: phrases.undecided },
	];
	return html`<fieldset class="field decide">
		<legend>${phrases.yourDecision}</legend>
		${options.map(({ id, label }, position) =>
			optionControl({
				type: 'radio',
				name,
				value: id,
				label,
				index: position,
				checked: (before ?? '') === id,
			}),
		)}
		${problemText(phrases, name, typed)}
	</fieldset>`;
}

/** The decisions that say yes, in the reader's words. */
function decisionsOf(
	phrases: Phrases,
	{ kind, choices }: ReviewRequest,
): Array<{ id: string; label: string }> {
	if (kind === 'choice') return choices;
	if (kind === 'edit') return [{ id: 'approve', label: phrases.approveEdited }];
	return [{ id: 'approve', label: phrases.approve }];
}

function ownerCard({ reader: { phrases } }: ReviewView): Html {
	return html`<section class="card">
		<p>${phrases.withdrawHelp}</p>
		<div class="actions">
			<button name="decision" value="withdraw" class="no">${phrases.withdraw}</button>
		</div>
	</section>`;
}

function answerCard(view: ReviewView): Html {
	const { reader, request, typed, visitor } = view;
	const { phrases } = reader;
	if (isOwner(view)) return ownerCard(view);
	const asks = request.kind === 'form' || request.kind === 'text';
	return html`<section class="card" aria-labelledby="answer-title">
		<h2 id="answer-title">${asks ? phrases.yourAnswer : phrases.yourDecision}</h2>
		${asks &&
		request.fields.map((field) => fieldControl(phrases, field, `field-${field.name}`, typed))}
		${request.kind === 'choice' && !request.decideEach && choiceControl(view)}
		${request.comment !== 'never' && commentControl(view)}
		${visitor.role === 'anyone' &&
		fieldControl(phrases, nameField(phrases), 'reviewer-name', typed)}
		${visitor.role === 'voter' && visitor.person.pinCode !== null && pinControl(phrases, typed)}
		${problemText(phrases, 'decision', typed)}
		<div class="actions">${actions(phrases, request)}</div>
		${passOnControl(view)}
	</section>`;
}

function choiceControl({ reader: { phrases }, request, typed }: ReviewView): Html {
	const [before] = typed.values('choice');
	return html`<fieldset class="field">
		<legend>${phrases.choose}</legend>
		${request.choices.map(({ id, label }, index) =>
			optionControl({
				type: 'radio',
				name: 'choice',
				value: id,
				label,
				index,
				checked: before === id,
			}),
		)}
		${problemText(phrases, 'choice', typed)}
	</fieldset>`;
}

function commentControl({ reader: { phrases }, request, typed }: ReviewView): Html {
	const labels = {
		always: phrases.comment,
		onReject: phrases.commentReject,
		optional: phrases.commentOptional,
		never: '',
	};
	const value = typed.values('comment')[0] ?? '';
	return textArea(phrases, { name: 'comment', label: labels[request.comment], value }, typed);
}

/** Somebody without a link of their own may say who they are; it is recorded as said. */
function nameField(phrases: Phrases): FormField {
	return {
		name: 'reviewer-name',
		label: phrases.yourName,
		help: '',
		type: 'text',
		required: false,
		options: [],
	};
}

/** Lets a reviewer pass their own vote on. */
function passOnControl({ reader: { phrases }, request, visitor, typed }: ReviewView): HtmlPart {
	const { delegation, reviewers } = request;
	if (delegation === 'none' || visitor.role !== 'voter' || visitor.onBehalfOf !== null) return null;
	const listed = delegation === 'listed';
	const field: FormField = {
		name: 'delegate',
		label: phrases.passOnTo,
		help: '',
		type: listed ? 'choice' : 'text',
		required: false,
		options: reviewers.filter(({ standIn }) => standIn).map(({ name }) => name),
	};
	const guarded = visitor.person.pinCode !== null;
	const pin = {
		name: 'delegate-pin',
		label: guarded ? phrases.passOnPin : phrases.passOnPinOptional,
		help: phrases.passOnPinHelp,
	};
	const open = ['delegate', 'delegate-pin'].some((name) => typed.problems.has(name));
	return html`<details class="pass-on" ${open && html`open`}>
		<summary>${phrases.passOnTitle}</summary>
		<p class="help">${phrases.passOnHelp}</p>
		${fieldControl(phrases, field, 'delegate', typed)} ${!listed && pinControl(phrases, typed, pin)}
		<div class="actions">
			<button name="decision" value="delegate">${phrases.passOnButton}</button>
		</div>
	</details>`;
}

function actions(phrases: Phrases, request: ReviewRequest): Html[] {
	const { kind, decideEach } = request;
	const button = (value: string, label: string, look: string) =>
		html`<button name="decision" value="${value}" class="${look}">${label}</button>`;
	if (decideEach) {
		return [
			button('each', phrases.saveDecisions, 'main'),
			...(kind === 'choice' || kind === 'edit'
				? []
				: [button('approve', phrases.approveAll, ''), button('reject', phrases.rejectAll, 'no')]),
		];
	}
	if (kind === 'choice') return [button('choice', phrases.send, 'main')];
	if (kind === 'form' || kind === 'text') {
		return [button('answer', phrases.send, 'main'), button('reject', phrases.decline, 'no')];
	}
	const approve = kind === 'edit' ? phrases.approveEdited : phrases.approve;
	return [button('approve', approve, 'main'), button('reject', phrases.reject, 'no')];
}
