import { html, Html, inlineSource, plain } from '../page';
import { REFRESH_SECONDS, SCRIPT } from './liveScript';
import { STYLE } from './style';

/** What a page shows, and how long it is good for. */
export interface PageContent {
	title: string;
	/** Its sections; each has a key, so that an open page can be told which of them have changed. */
	sections: readonly Html[];
	/** Changes whenever the content does. */
	version: string;
	/** Whether it may change; a page that cannot does not ask again. */
	live: boolean;
	/** Milliseconds since the epoch. */
	now: number;
}

/** How a page lives. */
export interface FrameOptions {
	/** Whether it listens for what changes, instead of asking. Default false. */
	streams?: boolean;
	/** Whether it has a form, which goes to its own address. Default false. */
	form?: boolean;
}

function contentPolicy({ form = false }: FrameOptions): string {
	return [
		"default-src 'none'",
		`style-src ${inlineSource(STYLE)}`,
		`script-src ${inlineSource(SCRIPT)}`,
		"connect-src 'self'",
		'img-src data:',
		`form-action ${form ? "'self'" : "'none'"}`,
		"base-uri 'none'",
	].join('; ');
}

/** Headers of every page: what it shows is for its reader alone. */
export const MONITOR_HEADERS: Readonly<Record<string, string>> = {
	'Content-Type': 'text/html; charset=utf-8',
	'X-Content-Type-Options': 'nosniff',
	'X-Frame-Options': 'DENY',
	'Referrer-Policy': 'no-referrer',
	'Cache-Control': 'no-store',
	'X-Robots-Tag': 'noindex, nofollow',
};

// Not written in a template: the policy's digests are of exactly these texts.
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);
const SCRIPT_ELEMENT = new Html(`<script>${SCRIPT}</script>`);

/** A whole page. */
export function pageFrame(content: PageContent, options: FrameOptions = {}): string {
	const reload =
		content.live &&
		html`<noscript><meta http-equiv="refresh" content="${REFRESH_SECONDS * 2}" /></noscript>`;
	// The policy stands in the page: n8n puts one header of its own on every answer of a webhook.
	return html`<!doctype html>
		<html lang="en">
			<head>
				<meta charset="utf-8" />
				<meta http-equiv="Content-Security-Policy" content="${contentPolicy(options)}" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<meta name="robots" content="noindex, nofollow" />
				<link rel="icon" href="data:," />
				<title>${plain(content.title)}</title>
				${reload} ${STYLE_ELEMENT}
			</head>
			<body>
				${pageMain(content, options)} ${SCRIPT_ELEMENT}
			</body>
		</html>`.text;
}

/** Only what changes: what an open page asks for. */
export function pageMain(
	{ sections, version, live, now }: PageContent,
	{ streams = false }: FrameOptions = {},
): Html {
	const main = html`<main
		data-version="${version}"
		data-live="${live ? 'yes' : 'no'}"
		data-streams="${streams ? 'yes' : 'no'}"
		data-now="${now}"
	>
		${BRAND}${sections}
	</main>`;
	// The indents of the templates would be a third of a large page.
	return new Html(main.text.replace(/\n\t+/g, '\n'));
}

const BRAND = html`<p class="brand" data-key="brand">
	<svg
		viewBox="0 0 24 24"
		fill="none"
		stroke="currentColor"
		stroke-width="2"
		stroke-linecap="round"
		aria-hidden="true"
		focusable="false"
	>
		<circle cx="5" cy="12" r="2.5" />
		<circle cx="19" cy="5" r="2.5" />
		<circle cx="19" cy="19" r="2.5" />
		<path d="m7.3 10.9 9.4-4.6M7.3 13.1l9.4 4.6" /></svg
	><span>Agent Swarm runs</span>
</p>`;
