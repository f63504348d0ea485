import { html, link } from '../../page';
import type { Html, HtmlPart } from '../../page';

/** Deeper quotes and emphasis are shown as they are written. */
const MAX_DEPTH = 8;

/**
 * Markdown as markup, by a safe subset: headings, paragraphs, lists, quotes, code, rules, bold,
 * italic, code spans and links to the web. Anything else, HTML and images above all, stays text.
 *
 * Works line by line, in linear time.
 *
 * @param level - of the highest heading, so that the page's own headings stay in order
 */
export function markdown(source: string, level = 3, depth = 0): Html {
	const lines = source.replace(/\r\n?/g, '\n').split('\n');
	const blocks: HtmlPart[] = [];
	let at = 0;
	while (at < lines.length) {
		const block = blockAt(lines, at, level, depth);
		blocks.push(block.html);
		at = block.next;
	}
	return html`${blocks}`;
}

interface Block {
	html: HtmlPart;
	/** The first line after it. */
	next: number;
}

const FENCE = /^\s{0,3}(```+|~~~+)/;
const HEADING = /^\s{0,3}(#{1,6})\s+(.+?)\s*#*$/;
const RULE = /^\s{0,3}([-*_])(\s*\1){2,}\s*$/;
const QUOTE = /^\s{0,3}>\s?/;
const BULLET = /^\s{0,6}[-*+]\s+/;
const NUMBER = /^\s{0,6}\d{1,9}[.)]\s+/;

function blockAt(lines: readonly string[], at: number, level: number, depth: number): Block {
	const line = lines[at]!;
	if (line.trim() === '') return { html: null, next: at + 1 };
	if (FENCE.test(line)) return fence(lines, at);
	const heading = HEADING.exec(line);
	if (heading !== null) {
		return { html: headingOf(heading[1]!.length, heading[2]!, level), next: at + 1 };
	}
	if (RULE.test(line)) return { html: html`<hr />`, next: at + 1 };
	if (QUOTE.test(line) && depth < MAX_DEPTH) return quote(lines, at, level, depth);
	if (BULLET.test(line)) return list(lines, at, BULLET);
	if (NUMBER.test(line)) return list(lines, at, NUMBER);
	return paragraph(lines, at);
}

function headingOf(hashes: number, text: string, level: number): Html {
	const content = inline(text);
	switch (Math.min(6, level + hashes - 1)) {
		case 2:
			return html`<h2>${content}</h2>`;
		case 3:
			return html`<h3>${content}</h3>`;
		case 4:
			return html`<h4>${content}</h4>`;
		case 5:
			return html`<h5>${content}</h5>`;
		default:
			return html`<h6>${content}</h6>`;
	}
}

function fence(lines: readonly string[], at: number): Block {
	const mark = FENCE.exec(lines[at]!)![1]!;
	let end = at + 1;
	while (end < lines.length && !lines[end]!.trimStart().startsWith(mark)) end++;
	const code = lines.slice(at + 1, end).join('\n');
	return { html: html`<pre tabindex="0"><code>${code}</code></pre>`, next: end + 1 };
}

function quote(lines: readonly string[], at: number, level: number, depth: number): Block {
	const end = lastOf(lines, at, (line) => QUOTE.test(line));
	const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ''));
	const content = markdown(inner.join('\n'), level, depth + 1);
	return { html: html`<blockquote>${content}</blockquote>`, next: end };
}

function list(lines: readonly string[], at: number, mark: RegExp): Block {
	const end = lastOf(lines, at, (line) => mark.test(line) || /^\s{2,}\S/.test(line));
	const entries: string[] = [];
	for (const line of lines.slice(at, end)) {
		if (mark.test(line)) entries.push(line.replace(mark, ''));
		else entries.push(`${entries.pop() ?? ''}\n${line.trim()}`);
	}
	const items = entries.map((entry) => html`<li>${inline(entry)}</li>`);
	return {
		html:
			mark === BULLET
				? html`<ul>
						${items}
					</ul>`
				: html`<ol>
						${items}
					</ol>`,
		next: end,
	};
}

function paragraph(lines: readonly string[], at: number): Block {
	const isText = (line: string) =>
		line.trim() !== '' &&
		![FENCE, HEADING, RULE, QUOTE, BULLET, NUMBER].some((mark) => mark.test(line));
	const end = Math.max(at + 1, lastOf(lines, at, isText));
	return { html: html`<p>${inline(lines.slice(at, end).join('\n').trim())}</p>`, next: end };
}

function lastOf(lines: readonly string[], at: number, belongs: (line: string) => boolean): number {
	let end = at;
	while (end < lines.length && belongs(lines[end]!)) end++;
	return end;
}

/** Code, links, bold and italic, in this order; each bounded, so that matching stays linear. */
const INLINE = new RegExp(
	[
		/`(?<code>[^`\n]{1,2000})`/,
		/!?\[(?<label>[^[\]\n]{1,500})\]\((?<address>[^()\s]{1,2000})\)/,
		/<(?<auto>https?:\/\/[^\s<>]{1,2000})>/,
		/(?<bare>https?:\/\/[^\s<>"')\]]{1,2000}[^\s<>"')\].,;:!?])/,
		/\*\*(?<bold>[^*\n]{1,1000})\*\*/,
		/__(?<strong>[^_\n]{1,1000})__/,
		/(?<![\w*])\*(?<italic>[^*\s][^*\n]{0,1000})\*(?![\w*])/,
		/(?<![\w_])_(?<emphasis>[^_\s][^_\n]{0,1000})_(?![\w_])/,
	]
		.map(({ source }) => source)
		.join('|'),
	'g',
);

function inline(text: string): Html {
	const parts: HtmlPart[] = [];
	let end = 0;
	for (const match of text.matchAll(INLINE)) {
		parts.push(withBreaks(text.slice(end, match.index)), inlineOf(match[0], match.groups ?? {}));
		end = match.index + match[0].length;
	}
	parts.push(withBreaks(text.slice(end)));
	return html`${parts}`;
}

function inlineOf(source: string, groups: Readonly<Record<string, string | undefined>>): Html {
	const { code, label, address, auto, bare, bold, strong, italic, emphasis } = groups;
	if (code !== undefined) return html`<code>${code}</code>`;
	if (label !== undefined) return labelledLink(label, address!);
	const plainAddress = auto ?? bare;
	if (plainAddress !== undefined) return link(plainAddress, plainAddress);
	const heavy = bold ?? strong;
	if (heavy !== undefined) return html`<strong>${heavy}</strong>`;
	const light = italic ?? emphasis;
	return light === undefined ? html`${source}` : html`<em>${light}</em>`;
}

/** A link and where it leads, so that its words cannot pretend another place. */
function labelledLink(label: string, address: string): Html {
	const host = URL.parse(address)?.host ?? '';
	if (host === '' || label.includes(host)) return link(address, label);
	return html`${link(address, label)} <span class="host">(${host})</span>`;
}

function withBreaks(text: string): HtmlPart {
	return text.split('\n').map((line, index) => (index === 0 ? line : html`<br />${line}`));
}
