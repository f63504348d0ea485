import { hashOf } from '../core';
import { html, type Html } from '../page';
import { isRunEnded } from '../run';
import { MAX_PAGE } from '../store';
import type { PageContent } from './pageFrame';
import type { RunLine } from './runPicture';
import { badge, elapsed, moment, usageText } from './words';

/** Which runs a list shows. */
export const SHOWN = ['all', 'active', 'waiting', 'failed', 'completed'] as const;
export type Shown = (typeof SHOWN)[number];

const TITLES: Readonly<Record<Shown, string>> = {
	all: 'All',
	active: 'Active',
	waiting: 'Waiting',
	failed: 'Failed',
	completed: 'Completed',
};

/** A page of the list. */
export interface ListView {
	runs: readonly RunLine[];
	total: number;
	offset: number;
	limit: number;
	shown: Shown;
}

/** Addresses of other pages. */
export interface PageLinks {
	run: (runId: string) => string;
	list: (shown: Shown, offset: number) => string;
}

/** The runs, last changed first. */
export function listPage(view: ListView, now: number, links: PageLinks): PageContent {
	return {
		title: 'Agent Swarm runs',
		sections: [head(view, links), table(view, now, links), pages(view, links)],
		version: hashOf(view).slice(0, 16),
		live: true,
		now,
	};
}

function head({ shown }: ListView, links: PageLinks): Html {
	return html`<header data-key="head">
		<div class="head"><h1>Runs</h1></div>
		<nav aria-label="Which runs">
			${SHOWN.map(
				(one) =>
					html`<a href="${links.list(one, 0)}" ${one === shown && CURRENT}>${TITLES[one]}</a>`,
			)}
		</nav>
	</header>`;
}

const CURRENT = html` aria-current="page"`;

function table({ runs, shown }: ListView, now: number, links: PageLinks): Html {
	if (runs.length === 0) return empty(shown);
	return html`<section class="card" data-key="runs">
		<div class="scroll" tabindex="0" role="region" aria-label="Table of the runs">
			<table>
				<thead>
					<tr>
						<th scope="col">Run</th>
						<th scope="col">State</th>
						<th scope="col">Progress</th>
						<th scope="col">Started</th>
						<th scope="col" class="number">Time</th>
						<th scope="col">Usage</th>
					</tr>
				</thead>
				<tbody>
					${runs.map((run) => row(run, now, links))}
				</tbody>
			</table>
		</div>
	</section>`;
}

function empty(shown: Shown): Html {
	return html`<section class="card" data-key="runs">
		<p>
			${shown === 'all'
				? 'No run is recorded in this store yet. A run appears here as soon as one of the Agent Swarm nodes starts working.'
				: `No run is ${TITLES[shown].toLowerCase()} now.`}
		</p>
	</section>`;
}

function row(run: RunLine, now: number, links: PageLinks): Html {
	const { runId, name, status, progress, message, createdAt, updatedAt, endedAt, usage } = run;
	const end = endedAt ?? (isRunEnded(status) ? updatedAt : undefined);
	return html`<tr data-key="${runId}">
		<th scope="row">
			<a href="${links.run(runId)}">${name}</a>${name !== runId &&
			html`<span class="kind">${runId}</span>`}
		</th>
		<td>${badge(status)}${message !== undefined && html`<p class="remark">${message}</p>`}</td>
		<td>
			${progress.toFixed(0)} %<progress
				max="100"
				value="${progress}"
				aria-label="Progress"
			></progress>
		</td>
		<td>${moment(createdAt)}</td>
		<td class="number">${elapsed(createdAt, end, now)}</td>
		<td>${usageText(usage)}</td>
	</tr>`;
}

function pages({ total, offset, limit, shown }: ListView, links: PageLinks): Html {
	const last = Math.min(offset + limit, total);
	const earlier =
		offset > 0 && html`<a href="${links.list(shown, Math.max(0, offset - limit))}">Newer</a>`;
	const later =
		last < Math.min(total, MAX_PAGE) && html`<a href="${links.list(shown, last)}">Older</a>`;
	return html`<footer data-key="pages">
		${total > 0 && html`<p>${offset + 1} to ${last} of ${total}</p>`}
		${(earlier !== false || later !== false) &&
		html`<nav aria-label="Pages">${earlier}${later}</nav>`}
	</footer>`;
}
