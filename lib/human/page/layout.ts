import { html, Html, inlineSource, plain } from '../../page';
import type { HtmlPart } from '../../page';
import type { Phrases } from '../phrases/phrases';
import { STYLE } from './style';

/** What a page needs to know of its reader. */
export interface Reader {
	/** Code of the page's language, e.g. `en`. */
	language: string;
	phrases: Phrases;
	/** Time zone of the times shown, e.g. `Europe/Berlin`. */
	timeZone: string;
}

const CONTENT_POLICY = [
	"default-src 'none'",
	`style-src ${inlineSource(STYLE)}`,
	"form-action 'self'",
	"base-uri 'none'",
];

/** Tells an answer of a review from one that n8n gives when it does not wait any more. */
export const SERVED_BY = { name: 'X-Served-By', value: 'Human Review' } as const;

/**
 * Headers of every page: no script, nothing from elsewhere, in no frame, in no cache, in no index,
 * and its address, which is a key, is told to nobody.
 *
 * The sandbox keeps the page's own origin, which cannot be misused without script, so that a form
 * it sends can be told from one that another site sends.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
	'Content-Type': 'text/html; charset=utf-8',
	'Content-Security-Policy': [
		...CONTENT_POLICY,
		"frame-ancestors 'none'",
		'sandbox allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox',
	].join('; '),
	'X-Content-Type-Options': 'nosniff',
	[SERVED_BY.name]: SERVED_BY.value,
	'X-Frame-Options': 'DENY',
	'Referrer-Policy': 'same-origin',
	'Cache-Control': 'no-store',
	'X-Robots-Tag': 'noindex, nofollow',
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Resource-Policy': 'same-origin',
	'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
};

/** A whole page. */
export function layout(reader: Reader, title: string, content: HtmlPart): string {
	const { language, phrases } = reader;
	// The policy is repeated in the page: n8n puts its own header on the page it answers last.
	return html`<!doctype html>
		<html lang="${language}">
			<head>
				<meta charset="utf-8" />
				<meta http-equiv="Content-Security-Policy" content="${CONTENT_POLICY.join('; ')}" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<meta name="robots" content="noindex, nofollow" />
				<meta name="referrer" content="same-origin" />
				<title>${plain(title)}</title>
				${STYLE_ELEMENT}
			</head>
			<body>
				<main>
					<p class="brand">${LOGO}<span>${phrases.review}</span></p>
					${content}
				</main>
			</body>
		</html>`.text;
}

// Not written in the template: the policy's digest is of exactly this text.
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);

const LOGO = html`<svg
	viewBox="0 0 24 24"
	fill="none"
	stroke="currentColor"
	stroke-width="2"
	stroke-linecap="round"
	stroke-linejoin="round"
	aria-hidden="true"
	focusable="false"
>
	<circle cx="10" cy="7" r="4" />
	<path d="M2.5 21v-1a6 6 0 0 1 6-6H10" />
	<path class="mark" d="m13 18 3 3 6-6.5" />
</svg>`;

/** A moment as the reader writes it, and as machines read it. */
export function moment(reader: Reader, at: number): Html {
	const iso = new Date(at).toISOString();
	return html`<time datetime="${iso}">${formatted(reader, at)}</time>`;
}

function formatted({ language, timeZone }: Reader, at: number): string {
	const options = { dateStyle: 'long', timeStyle: 'short' } as const;
	try {
		const format = new Intl.DateTimeFormat(language, { ...options, timeZone });
		return `${format.format(at)} (${timeZone})`;
	} catch {
		// A time zone that this machine does not know.
		return `${new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' }).format(at)} (UTC)`;
	}
}
