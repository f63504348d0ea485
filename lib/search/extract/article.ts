import { namesOf } from './boilerplate';
import { blocksOf, measure } from './blocks';
import type { Block } from './blocks';
import { metadataOf } from './metadata';
import type { HtmlElement } from './tree';
import { parseTree } from './tree';

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

const MIN_PARAGRAPH = 60;
const MIN_SENTENCE = 25;

/** Lines that are on many pages and part of no article. */
const BOILERPLATE_LINE = new RegExp(
	'^(share( this)?|tweet|email|print|advertisement|anzeige|werbung|sponsored|read more|weiterlesen|' +
		'mehr( zum thema)?|related( articles| stories| topics)?|subscribe|sign up|follow us|comments?|' +
		'kommentare?|leave a (reply|comment)|tags?:?|schlagwörter|copyright|all rights reserved|©.*|' +
		'loading.*|click here.*|photo:? .{0,60}|image (source|caption|copyright).{0,80}|via .{0,40}|' +
		'more from .{0,60}|see also.*|recommended.*|most (read|popular).*|advertise.*|newsletter.*|' +
		'story continues below.*|continue reading.*|watch:? .*)$',
	'i',
);

const ARTICLE_NAMES =
	/article|body|content|entry|hentry|h-entry|main|page|post|text|blog|story|prose|markdown|detail/i;

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
	const inside = blocks.filter(({ owner }) => isWithin(owner, best));
	return trimEnds(keepParagraphs(inside, title))
		.map(({ text }) => text)
		.join('\n\n');
}

/** The element whose blocks are worth most; of equals the innermost. */
function bestElement(blocks: readonly Block[]): HtmlElement | undefined {
	const values = new Map<HtmlElement, number>();
	for (const block of blocks) {
		const value = valueOf(block);
		for (let at: HtmlElement | undefined = block.owner; at !== undefined; at = at.parent) {
			values.set(at, (values.get(at) ?? 0) + value);
		}
	}
	let best: { element: HtmlElement; value: number } | undefined;
	for (const [element, sum] of values) {
		const value = sum * priorOf(element);
		// Inner elements come first, so an outer one has to be better.
		if (value > (best?.value ?? 0) * 1.001) best = { element, value };
	}
	return best === undefined ? undefined : coreOf(best.element, values);
}

/** Share of an element's worth that makes one child of it the article, and the rest something else. */
const CORE_SHARE = 0.8;

/** The innermost element that holds nearly all the worth of an element. */
function coreOf(element: HtmlElement, values: ReadonlyMap<HtmlElement, number>): HtmlElement {
	const least = CORE_SHARE * values.get(element)!;
	const core = element.children.find(
		(child): child is HtmlElement => typeof child !== 'string' && (values.get(child) ?? 0) >= least,
	);
	return core === undefined || core.name === 'p' ? element : coreOf(core, values);
}

/** What a block says for the element around it: text for it, links and scraps against it. */
function valueOf({ text, linked, owner, isProse }: Block): number {
	const { length } = text;
	if (isHeading(owner)) return linked > 0.5 ? -15 : 5;
	if (linked > 0.5) return -(20 + length * 0.6);
	if (length >= MIN_PARAGRAPH || (isProse && length >= MIN_SENTENCE)) {
		return length * (1 - 1.6 * linked) * (isProse ? 1 : 0.6);
	}
	return -(8 + length * 0.15);
}

/** What the element itself says about being the article. */
function priorOf(element: HtmlElement): number {
	const { name, attributes } = element;
	let prior = 1;
	if (/articleBody/i.test(attributes.get('itemprop') ?? '')) prior *= 1.25;
	if (name === 'article') prior *= 1.08;
	if (name === 'main' || attributes.get('role') === 'main') prior *= 1.05;
	if (ARTICLE_NAMES.test(namesOf(element))) prior *= 1.05;
	return ['body', 'html', '#root'].includes(name) ? prior * 0.97 : prior;
}

function isWithin(element: HtmlElement, ancestor: HtmlElement): boolean {
	for (let at: HtmlElement | undefined = element; at !== undefined; at = at.parent) {
		if (at === ancestor) return true;
	}
	return false;
}

function keepParagraphs(blocks: readonly Block[], title: string): Block[] {
	const kept: Block[] = [];
	for (const block of blocks) {
		const repeatsTitle = kept.length < 3 && isTitle(block, title);
		if (!repeatsTitle && isKept(block)) kept.push(block);
	}
	return kept;
}

function isTitle({ text, owner }: Block, title: string): boolean {
	return owner.name === 'h1' && title.toLowerCase().includes(text.toLowerCase().slice(0, 60));
}

function isKept({ text, linked, owner }: Block): boolean {
	const { length } = text;
	if (isHeading(owner)) return linked < (length > 40 ? 0.9 : 0.6);
	if (length < 4 || BOILERPLATE_LINE.test(text)) return false;
	if (owner.name === 'li' && linked > 0.6) return false;
	return !(linked > 0.85 && length < 250) && !(linked > 0.5 && length < 80);
}

/** Without the scraps before the first and after the last real paragraph. */
function trimEnds(blocks: readonly Block[]): Block[] {
	const lastParagraph = blocks.findLastIndex(
		({ text, linked }) => text.length > 80 && linked < 0.4,
	);
	let end = blocks.length;
	while (end - 1 > lastParagraph && isTail(blocks[end - 1]!)) end--;
	let start = 0;
	while (start < Math.min(end, 6) && isScrap(blocks[start]!)) start++;
	return blocks.slice(start, end);
}

function isTail({ text, linked, owner, isProse }: Block): boolean {
	if (isHeading(owner) || linked > 0.3) return true;
	if (text.length < 60 && !(isProse && linked < 0.1)) return true;
	const legal = /©|copyright|all rights|newsletter|subscribe|follow us|cookies?/i;
	return text.length < 200 && legal.test(text);
}

function isScrap({ text, owner }: Block): boolean {
	return text.length < 50 && !/[.!?:"”]$/.test(text) && !isHeading(owner);
}

function isHeading({ name }: HtmlElement): boolean {
	return /^h[1-6]$/.test(name);
}
