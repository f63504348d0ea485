import { blocksOf, measure } from './blocks';
import type { Block } from './blocks';
import { metadataOf } from './metadata';
import { leadOf, paragraphsOf } from './paragraphs';
import type { HtmlElement } from './tree';
import { parseTree } from './tree';
import { bestElement } from './worth';

/** What is worth quoting on a page. */
export interface Article {
	/** Empty when the page does not name one. */
	title: string;
	/** Paragraphs, an empty line between them; empty when the page has no text. */
	text: string;
	/** As the page says it; `null` when it does not. */
	publishedAt: string | null;
	author: string | null;
	/** Its address as the page names it, to be checked before use. */
	canonicalUrl: string | null;
}

/** Longest page that is looked at, in characters; the rest is cut off. */
const MAX_CHARS = 2_000_000;

/**
 * The article of an HTML page: the part of it whose paragraphs are worth most, without navigation,
 * adverts and comments, and without anything readers do not see. Time grows with the length of the
 * page, whatever is in it.
 */
export function extractArticle(html: string): Article {
	const root = parseTree(html.slice(0, MAX_CHARS));
	const { articleBody, ...metadata } = metadataOf(root);
	const lengths = measure(root);
	const total = lengths.get(root)!;
	let text = bestText(blocksOf(root, lengths, true), metadata.title);
	if (text.length < Math.min(250, total * 0.3)) {
		// Perhaps the page calls its article by the name of something else.
		const lenient = bestText(blocksOf(root, lengths, false), metadata.title);
		if (lenient.length > text.length * 1.5) text = lenient;
	}
	if (text.length < 200 && articleBody.length > text.length) text = articleBody;
	return { ...metadata, text };
}

function bestText(blocks: readonly Block[], title: string): string {
	const best = bestElement(blocks);
	if (best === undefined) return '';
	const isInside = blocks.map(({ owner }) => isWithin(owner, best));
	const inside = blocks.filter((_, at) => isInside[at]);
	const kept = paragraphsOf(inside, title);
	return [...leadOf(blocks, isInside.indexOf(true)), ...kept].map(({ text }) => text).join('\n\n');
}

function isWithin(element: HtmlElement, ancestor: HtmlElement): boolean {
	for (let at: HtmlElement | undefined = element; at !== undefined; at = at.parent) {
		if (at === ancestor) return true;
	}
	return false;
}
