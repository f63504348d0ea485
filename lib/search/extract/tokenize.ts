import { decodeEntities } from './entities';

/** A piece of an HTML text. Names are in lower case, texts and values decoded. */
export type HtmlToken =
	| { kind: 'open'; name: string; attributes: ReadonlyMap<string, string>; empty: boolean }
	| { kind: 'close'; name: string }
	| { kind: 'text'; text: string };

/** Elements whose content is not markup. */
const RAW = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'noembed', 'noframes']);

const TAG_NAME = /[a-zA-Z][^\s/>]*/y;
const ATTRIBUTE = /[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?/y;

/**
 * The pieces of an HTML text in order, by one pass over it: every character is looked at a bounded
 * number of times, whatever the text is. Comments and declarations are left out; a tag that never
 * ends, ends the text.
 */
export function* tokenize(html: string): Generator<HtmlToken> {
	let at = 0;
	while (at < html.length) {
		const next = nextMarkup(html, at);
		if (next > at) yield { kind: 'text', text: decodeEntities(html.slice(at, next)) };
		if (next === html.length) return;
		const second = html[next + 1]!;
		if (second === '!' || second === '?') {
			at = endOfDeclaration(html, next);
			continue;
		}
		const end = endOfTag(html, next);
		if (end === html.length) return;
		const tag = second === '/' ? closing(html, next + 2) : opening(html, next + 1, end);
		yield tag;
		at = end + 1;
		if (tag.kind === 'open' && !tag.empty && RAW.has(tag.name)) {
			const rest = endOfRaw(html, at, tag.name);
			if (rest > at) yield { kind: 'text', text: rawText(tag.name, html.slice(at, rest)) };
			at = rest;
		}
	}
}

/** Where the next tag, comment or declaration begins: a lone "<" is text. */
function nextMarkup(html: string, from: number): number {
	for (let at = html.indexOf('<', from); at !== -1; at = html.indexOf('<', at + 1)) {
		if (/[a-zA-Z!?]/.test(html[at + 1] ?? '')) return at;
		if (html[at + 1] === '/' && /[a-zA-Z]/.test(html[at + 2] ?? '')) return at;
	}
	return html.length;
}

function endOfDeclaration(html: string, start: number): number {
	const [mark, ahead] = html.startsWith('<!--', start) ? ['-->', 2] : ['>', 1];
	const end = html.indexOf(mark, start + ahead);
	return end === -1 ? html.length : end + mark.length;
}

/** Where the ">" of a tag is: not one between the quotation marks of a value. */
function endOfTag(html: string, start: number): number {
	let quote = '';
	let before = '';
	for (let at = start + 1; at < html.length; at++) {
		const char = html[at]!;
		if (quote !== '') {
			if (char === quote) quote = '';
			continue;
		}
		if (char === '>') return at;
		// Elsewhere a quotation mark is a slip, not the beginning of a value.
		if ((char === '"' || char === "'") && before === '=') quote = char;
		if (!/\s/.test(char)) before = char;
	}
	return html.length;
}

function closing(html: string, start: number): HtmlToken {
	return { kind: 'close', name: nameAt(html, start) };
}

function opening(html: string, start: number, end: number): HtmlToken & { kind: 'open' } {
	const name = nameAt(html, start);
	const inside = html.slice(start + name.length, end);
	const attributes = new Map<string, string>();
	ATTRIBUTE.lastIndex = 0;
	for (let match = ATTRIBUTE.exec(inside); match !== null; match = ATTRIBUTE.exec(inside)) {
		const key = match[1]!.toLowerCase();
		if (attributes.has(key)) continue;
		attributes.set(key, decodeEntities(match[2] ?? match[3] ?? match[4] ?? ''));
	}
	return { kind: 'open', name, attributes, empty: inside.endsWith('/') };
}

function nameAt(html: string, start: number): string {
	TAG_NAME.lastIndex = start;
	return (TAG_NAME.exec(html)?.[0] ?? '').toLowerCase();
}

function endOfRaw(html: string, start: number, name: string): number {
	const closing = new RegExp(`</${name}(?=[\\s/>])`, 'gi');
	closing.lastIndex = start;
	return closing.exec(html)?.index ?? html.length;
}

function rawText(name: string, text: string): string {
	return name === 'title' || name === 'textarea' ? decodeEntities(text) : text;
}
