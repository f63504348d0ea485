import { stripInvisible } from '../../agent';
import { tokenize } from './tokenize';

/** Elements whose text is not for readers. */
const UNSEEN = new Set(['script', 'style', 'template', 'noscript']);

/** Elements within a line; all others end the word before them. */
const INLINE = new Set(
	'a abbr b bdi bdo bold cite code data dfn em font i italic kbd mark q s samp small span strike strong sub sup time tt u var wbr'.split(
		' ',
	),
);

/** What a reader sees of a piece of HTML: no markup, no entities, nothing invisible, single spaces. */
export function plainText(html: string): string {
	let text = '';
	let unseen: string | undefined;
	for (const token of tokenize(html)) {
		if (token.kind === 'text') {
			if (unseen === undefined) text += token.text;
		} else if (token.kind === 'open') {
			if (!token.empty && UNSEEN.has(token.name)) unseen ??= token.name;
			if (breaksLine(token.name)) text += ' ';
		} else {
			if (token.name === unseen) unseen = undefined;
			if (breaksLine(token.name)) text += ' ';
		}
	}
	return cleanText(text);
}

/** @param name - of an element, perhaps with a prefix, such as `jats:p` */
function breaksLine(name: string): boolean {
	return !INLINE.has(name.slice(name.indexOf(':') + 1));
}

/** A plain text without what cannot be seen, with single spaces. */
export function cleanText(text: string): string {
	return stripInvisible(text).replace(/\s+/g, ' ').trim();
}
