import { hashOf, type Usage } from '../core';
import { html, link, type Html } from '../page';
import { isRunEnded, isStepEnded } from '../run';
import { graphView } from './graphView';
import type { PageContent } from './pageFrame';
import type { ReviewPicture, RunPicture } from './runPicture';
import { stepsView } from './stepsView';
import { badge, cost, elapsed, moment, tokens } from './words';

/**
 * One run: its state, what it asks people, its steps as a graph and on a time line.
 *
 * @param home - address of the list of runs
 */
export function runPage(run: RunPicture, now: number, home: string): PageContent {
	const sections = [
		head(run, home),
		failure(run),
		reviews(run.reviews),
		facts(run, now),
		run.steps.length > 0 &&
			html`<section class="card" data-key="graph">
				<h2>How the steps hang together</h2>
				${graphView(run.steps)}
			</section>`,
		run.steps.length > 0 &&
			html`<section class="card" data-key="steps">
				<h2>Steps</h2>
				${stepsView(run, now)}
			</section>`,
		checkpoints(run),
	];
	return {
		title: `${run.name} – ${run.progress.toFixed(0)} %`,
		sections: sections.filter((section) => section !== false),
		version: hashOf(run).slice(0, 16),
		live: !isRunEnded(run.status),
		now,
	};
}

function head({ name, status, runId }: RunPicture, home: string): Html {
	return html`<header data-key="head">
		<p><a href="${home}">All runs</a></p>
		<div class="head">
			<h1>${name}</h1>
			${badge(status)}
		</div>
		<p class="muted">Run ${runId}</p>
	</header>`;
}

function failure({ error }: RunPicture): Html | false {
	if (error === undefined) return false;
	const hint = error.hint !== undefined && html`<p>${error.hint}</p>`;
	return html`<section class="note failure" data-key="failure" role="alert">
		<p><strong>${error.message}</strong></p>
		${hint}
	</section>`;
}

function reviews(open: readonly ReviewPicture[]): Html | false {
	if (open.length === 0) return false;
	return html`<section class="note asked" data-key="reviews">
		<p><strong>Waiting for people</strong></p>
		<ul class="plain">
			${open.map(review)}
		</ul>
	</section>`;
}

function review(asked: ReviewPicture): Html {
	const { title, openedAt, deadlineAt, votes, waitingFor = [], links = [], answerAt } = asked;
	const until = deadlineAt !== undefined && html`, until ${moment(deadlineAt)}`;
	const cast = votes !== undefined && html`, votes so far: ${votes}`;
	const missing = waitingFor.length > 0 && html`, missing: ${waitingFor.join(', ')}`;
	const answers = links.map(
		({ who, url }) => html` ${link(url, who === '' ? 'Answer' : `Answer as ${who}`)}`,
	);
	const here = answerAt !== undefined && html` <a href="${answerAt}">Answer</a>`;
	return html`<li>
		${title} (asked ${moment(openedAt)}${until}${cast}${missing})${answers}${here}
	</li>`;
}

function facts(run: RunPicture, now: number): Html {
	const done = run.steps.filter(({ status }) => isStepEnded(status)).length;
	const { usage, saved, message } = run;
	return html`<section class="card" data-key="facts">
		<dl class="facts">
			${fact('Progress', `${run.progress.toFixed(0)} %`)}
			${run.steps.length > 0 && fact('Steps ended', `${done} of ${run.steps.length}`)}
			${fact('Time', elapsed(run.createdAt, run.endedAt, now))}
			${fact('Started', moment(run.createdAt))}
			${run.endedAt !== undefined && fact('Ended', moment(run.endedAt))} ${used(usage)}
			${saved !== undefined && saved.steps > 0 && fact('Reused', savings(saved))}
		</dl>
		<progress max="100" value="${run.progress}" aria-label="Progress of the run"></progress>
		${message !== undefined && html`<p class="muted">${message}</p>`}
	</section>`;
}

function fact(name: string, value: Html | string): Html {
	return html`<div>
		<dt>${name}</dt>
		<dd>${value}</dd>
	</div>`;
}

function used({ calls, totalTokens, costUsd }: Usage): Html | false {
	if (calls === 0 && totalTokens === 0) return false;
	return html`${fact('Model calls', String(calls))}${fact('Tokens', tokens(totalTokens))}${fact(
		'Cost',
		cost(costUsd),
	)}`;
}

function savings({ steps, usage }: NonNullable<RunPicture['saved']>): string {
	const money =
		usage.costUsd === null || usage.costUsd === 0 ? '' : `, ${cost(usage.costUsd)} saved`;
	return `${steps} ${steps === 1 ? 'step' : 'steps'}${money}`;
}

function checkpoints({ checkpoints: saved }: RunPicture): Html | false {
	if (saved.length === 0) return false;
	return html`<section class="card" data-key="checkpoints">
		<h2>Checkpoints</h2>
		<ul class="plain">
			${saved.map(({ name, at }) => html`<li>${name}, saved ${moment(at)}</li>`)}
		</ul>
	</section>`;
}
