import type { Json } from '../core';
import { html, Html } from '../page';
import type { PageContent } from './pageFrame';
import { moment } from './words';

/** One of the answers to choose from. */
export interface Choice {
	label: string;
	json: string;
}

/** What a person is asked. */
export interface Question {
	runId: string;
	/** Name of the run. */
	name: string;
	prompt: string;
	/** What they need to see. */
	payload?: Json;
	/** Empty when any text is an answer. */
	choices: readonly Choice[];
	/** Why it is asked again. */
	problem?: string;
	/** When it ends without an answer, in milliseconds since the epoch. */
	expiresAt?: number;
}

/** The form; it goes back to the address of the page. */
export function formPage(question: Question, now: number, problem?: string): PageContent {
	const { prompt, payload, choices, expiresAt } = question;
	const said = problem ?? question.problem;
	const section = html`<section class="card" data-key="question">
		${said !== undefined && html`<p class="error" role="alert"><strong>${said}</strong></p>`}
		${payload !== undefined &&
		html`<pre class="shown" tabindex="0" role="region" aria-label="What it is about">
${preformatted(typeof payload === 'string' ? payload : JSON.stringify(payload, null, 2))}</pre
		>`}
		<form method="post">
			${choices.length > 0 ? chooser(prompt, choices) : writer(prompt)}
			<p><button type="submit">Send answer</button></p>
		</form>
		${expiresAt !== undefined && html`<p class="muted">Open until ${moment(expiresAt)}.</p>`}
	</section>`;
	return page(question, now, [section], `Answer: ${prompt}`);
}

function chooser(prompt: string, choices: readonly Choice[]): Html {
	return html`<fieldset>
		<legend>${prompt}</legend>
		${choices.map(
			({ label }, index) =>
				html`<label
					><input type="radio" name="answer" value="${index}" required /> ${label}</label
				>`,
		)}
	</fieldset>`;
}

function writer(prompt: string): Html {
	return html`<label for="answer">${prompt}</label>
		<textarea id="answer" name="answer" rows="4" required></textarea>`;
}

/** What is shown once an answer has been given. */
export function answeredPage(question: Question, answer: string, now: number): PageContent {
	const section = html`<section class="card" data-key="answered">
		<p>Your answer was handed on:</p>
		<pre class="shown">${preformatted(answer)}</pre>
		<p class="muted">If somebody else has answered before, the first answer counts.</p>
	</section>`;
	return page(question, now, [section], 'Answer handed on');
}

/** What is shown when there is nothing to answer. */
export function closedPage(runId: string, now: number): PageContent {
	const section = html`<section class="card" data-key="closed">
		<p>
			This question is not open: it was answered, its time is over, its run has ended, or the
			address is not complete.
		</p>
	</section>`;
	return page({ runId, name: 'Nothing to answer' }, now, [section], 'Nothing to answer');
}

/** Text as it was written: the indents of a page's own templates are taken out. */
function preformatted(text: string): Html {
	return new Html(html`${text}`.text.replaceAll('\t', '&#9;'));
}

function page(
	{ runId, name }: Pick<Question, 'runId' | 'name'>,
	now: number,
	sections: readonly Html[],
	title: string,
): PageContent {
	const head = html`<header data-key="head">
		<p><a href="?run=${encodeURIComponent(runId)}">Back to the run</a></p>
		<div class="head"><h1>${name}</h1></div>
	</header>`;
	return { title, sections: [head, ...sections], version: 'answer', live: false, now };
}
