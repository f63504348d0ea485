/** Markup that is safe to send: everything in it that came from outside has been escaped. */
export class Html {
	constructor(readonly text: string) {}
}

/** What may stand between the pieces of a template. */
export type HtmlPart = Html | string | number | false | null | undefined | readonly HtmlPart[];

/**
 * Markup with values put in, escaped for the place where they stand: `<p title="${a}">${b}</p>`.
 *
 * Attribute values must be written in double quotes. In text, characters that nobody can see or
 * that change the direction of writing are shown by their names, so that what is read is what is
 * there.
 */
export function html(pieces: TemplateStringsArray, ...parts: HtmlPart[]): Html {
	let text = pieces[0]!;
	// The written markup alone, without values: it tells where a value stands.
	let written = pieces[0]!;
	parts.forEach((part, index) => {
		const inAttribute = /="[^"]*$/.test(written);
		text += render(part, inAttribute ? escapeHtml : escapeVisibly) + pieces[index + 1]!;
		written = (inAttribute ? written.slice(written.lastIndexOf('="')) : '') + pieces[index + 1]!;
	});
	return new Html(text);
}

/** Text for places that take no markup: inside `<textarea>`, `<option>` and `<title>`. */
export function plain(text: string): Html {
	return new Html(escapeHtml(text));
}

function render(part: HtmlPart, escape: (text: string) => string): string {
	if (part === false || part === null || part === undefined) return '';
	if (part instanceof Html) return part.text;
	if (typeof part === 'string') return escape(part);
	if (typeof part === 'number') return String(part);
	return part.map((each) => render(each, escape)).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
	'`': '&#96;',
};

/** Text with every character that means something in HTML as an entity. */
export function escapeHtml(text: string): string {
	return text.replace(/[&<>"'`]/g, (character) => ENTITIES[character]!).replaceAll('\0', '\ufffd');
}

/** Controls, format characters (direction, zero width, tags), fillers and rare variation selectors. */
const SUSPECT = /\p{Cc}|\p{Cf}|\u034f|\u115f|\u1160|\u3164|\uffa0|[\u{e0100}-\u{e01ef}]/gu;

/** Line ends and tabs, and the joiners and signs that Persian, Arabic and emoji are written with. */
const HARMLESS = new Set('\n\r\t\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f');

/** Whether a text holds characters that readers cannot see, or that change the order of others. */
export function hasHidden(text: string): boolean {
	return (text.match(SUSPECT) ?? []).some((character) => !HARMLESS.has(character));
}

function escapeVisibly(text: string): string {
	let escaped = '';
	let end = 0;
	for (const { 0: character, index } of text.matchAll(SUSPECT)) {
		if (HARMLESS.has(character)) continue;
		const shown = `<span class="hidden-character">${codePointName(character)}</span>`;
		escaped += escapeHtml(text.slice(end, index)) + shown;
		end = index + character.length;
	}
	return escaped + escapeHtml(text.slice(end));
}

function codePointName(character: string): string {
	return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The address when it leads to the web or to a mailbox, else `undefined`. */
export function safeLink(address: string): string | undefined {
	const url = URL.parse(address.trim());
	return url !== null && ['http:', 'https:', 'mailto:'].includes(url.protocol)
		? url.href
		: undefined;
}

/** A link that opens beside the page and tells the other side nothing. */
export function link(address: string, text: HtmlPart): Html {
	const href = safeLink(address);
	if (href === undefined) return html`${text}`;
	return html`<a href="${href}" target="_blank" rel="noopener noreferrer nofollow">${text}</a>`;
}
