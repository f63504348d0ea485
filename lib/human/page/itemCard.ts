import { isJsonObject } from '../../core';
import type { Json } from '../../core';
import { html } from '../../page';
import type { Html, HtmlPart } from '../../page';
import { differenceOf } from '../difference';
import { say } from '../phrases/phrases';
import type { Phrases } from '../phrases/phrases';
import type { ReviewRequest } from '../request';
import { payloadOf } from '../state';
import { optionControl, problemText, textArea } from './controls';
import { jsonView } from './jsonView';
import { markdown } from './markdown';
import { badge } from './messagePage';
import { isOwner } from './reviewView';
import type { ReviewView } from './reviewView';

/** One item: what is decided about, exactly, and the decision when each item has its own. */
export function itemCard(view: ReviewView, index: number): Html {
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
