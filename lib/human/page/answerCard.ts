import { html } from '../../page';
import type { Html, HtmlPart } from '../../page';
import type { FormField } from '../fields';
import type { Phrases } from '../phrases/phrases';
import type { ReviewRequest } from '../request';
import { fieldControl, optionControl, pinControl, problemText, textArea } from './controls';
import { isOwner } from './reviewView';
import type { ReviewView } from './reviewView';

function ownerCard({ reader: { phrases } }: ReviewView): Html {
	return html`<section class="card">
		<p>${phrases.withdrawHelp}</p>
		<div class="actions">
			<button name="decision" value="withdraw" class="no">${phrases.withdraw}</button>
		</div>
	</section>`;
}

/** Where the answer is given: fields, comment, PIN and buttons. */
export function answerCard(view: ReviewView): Html {
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
