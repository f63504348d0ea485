import { isAside, isHidden, isSkipped } from './boilerplate';
import { cleanText } from './plainText';
import { teasersOf } from './teasers';
import type { HtmlElement } from './tree';

/** A paragraph, a heading, a list item: text between two line breaks of the page. */
export interface Block {
	text: string;
	/** Share of its text inside links, 0 to 1. */
	linked: number;
	/** The block element it stands in. */
	owner: HtmlElement;
	/** Whether it ends like a sentence, or has one in it. */
	isProse: boolean;
}

const BLOCK_NAMES = new Set(
	(
		'#root address article aside blockquote body center dd details div dl dt fieldset figcaption figure ' +
		'footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody td th ' +
		'thead tr ul'
	).split(' '),
);

const PROSE = /[.!?:;…。！？]["”’»)]?\s*$|[.!?…。！？]\s+\S/;

/** Fewest characters of a paragraph; shorter ones are headings, items and captions. */
export const MIN_PARAGRAPH = 60;

/** How much text each element has, in characters without surrounding space; hidden text is none. */
export function measure(root: HtmlElement): Map<HtmlElement, number> {
	const lengths = new Map<HtmlElement, number>();
	const visit = (element: HtmlElement): number => {
		let length = 0;
		if (!isSkipped(element) && !isHidden(element)) {
			for (const child of element.children) {
				length += typeof child === 'string' ? child.trim().length : visit(child);
			}
		}
		lengths.set(element, length);
		return length;
	};
	visit(root);
	return lengths;
}

/**
 * The blocks of a page in order, without what is hidden.
 *
 * @param strict - leaves out what looks like something beside the article
 */
export function blocksOf(
	root: HtmlElement,
	lengths: ReadonlyMap<HtmlElement, number>,
	strict: boolean,
): Block[] {
	const total = lengths.get(root)! || 1;
	const teasers = strict ? teasersOf(root, lengths) : new Set<HtmlElement>();
	const isLeftOut = (element: HtmlElement): boolean => {
		if (isSkipped(element) || isHidden(element)) return true;
		const length = lengths.get(element)!;
		if (!strict) return false;
		return teasers.has(element) || isAside(element, length, length / total);
	};
	const layout = layoutCells(root);
	const collector = new Collector(root);
	const visit = (element: HtmlElement, inLink: boolean): void => {
		for (const child of element.children) {
			if (typeof child === 'string') collector.add(child, inLink);
			else if (child.name === 'br') collector.add('\n', inLink);
			else if (isLeftOut(child)) continue;
			else if (CELLS.has(child.name) && !layout.has(child)) {
				collector.add(' ', inLink);
				visit(child, inLink);
				collector.add(' ', inLink);
			} else if (BLOCK_NAMES.has(child.name)) {
				const outer = collector.enter(child);
				visit(child, inLink);
				collector.enter(outer);
			} else visit(child, inLink || child.name === 'a');
		}
	};
	visit(root, false);
	collector.enter(root);
	return collector.blocks;
}

/** The cells of a row of data are one line of the page. */
const CELLS = new Set(['td', 'th']);

/** Cells that hold blocks of their own: they lay out the page and are no data. */
function layoutCells(root: HtmlElement): ReadonlySet<HtmlElement> {
	const found = new Set<HtmlElement>();
	const visit = (element: HtmlElement): boolean => {
		let hasBlocks = false;
		for (const child of element.children) {
			if (typeof child === 'string') continue;
			if (visit(child) || (BLOCK_NAMES.has(child.name) && !CELLS.has(child.name))) hasBlocks = true;
		}
		if (hasBlocks && CELLS.has(element.name)) found.add(element);
		return hasBlocks;
	};
	visit(root);
	return found;
}

class Collector {
	readonly blocks: Block[] = [];
	private text = '';
	private linkedChars = 0;

	constructor(private owner: HtmlElement) {}

	add(text: string, inLink: boolean): void {
		this.text += text;
		if (inLink) this.linkedChars += text.trim().length;
	}

	/** Ends the block and begins one in another element. @returns the element before */
	enter(owner: HtmlElement): HtmlElement {
		const text = cleanText(this.text);
		const before = this.owner;
		if (text !== '') {
			const linked = Math.min(1, this.linkedChars / text.length);
			this.blocks.push({ text, linked, owner: before, isProse: PROSE.test(text) });
		}
		this.owner = owner;
		this.text = '';
		this.linkedChars = 0;
		return before;
	}
}
