import { isHeading } from './tree';
import type { HtmlElement } from './tree';

/** How an element of a page begins and ends, as far as that tells an article from a teaser of one. */
interface Shape {
	/** Whether there is a heading in it that is a link. */
	hasLinkedHeading: boolean;
	/** The first text in it, and whether it is a link. */
	first: { text: string; inLink: boolean } | undefined;
	/** The last text in it. */
	last: string;
}

/** Teasers come in rows of at least so many. */
const MIN_TEASERS = 3;
/** Longest teaser, in characters. */
const MAX_TEASER = 700;
/** An `article` that is shorter than this share of the longest one may be a teaser. */
const TEASER_SHARE = 0.5;
/** Fewest letters of a link by which a teaser begins. */
const MIN_LINK = 15;

const CUT_OFF = /(…|\.\.\.|\[…\]|\[\.\.\.\])\s*(read more|more|weiterlesen|mehr)?\s*»?\s*$/i;

/**
 * Elements that announce other articles: shorter `article` elements below a heading that is a link,
 * and rows of three or more elements of one class that each have a linked heading, or begin with
 * a link and break off.
 *
 * @param lengths - characters of text in each element
 */
export function teasersOf(
	root: HtmlElement,
	lengths: ReadonlyMap<HtmlElement, number>,
): ReadonlySet<HtmlElement> {
	const shapes = shapesOf(root);
	const longest = longestArticle(lengths);
	const teasers = new Set<HtmlElement>();
	for (const [element, shape] of shapes) {
		const isShort = lengths.get(element)! < TEASER_SHARE * longest;
		if (element.name === 'article' && isShort && shape.hasLinkedHeading) teasers.add(element);
		for (const row of rowsOf(element)) {
			const found = row.filter((child) => {
				const length = lengths.get(child)!;
				return length > 40 && length <= MAX_TEASER && isTeaser(shapes.get(child)!);
			});
			if (found.length >= MIN_TEASERS && found.length >= 0.8 * row.length) {
				for (const child of found) teasers.add(child);
			}
		}
	}
	return teasers;
}

function isTeaser({ hasLinkedHeading, first, last }: Shape): boolean {
	if (hasLinkedHeading) return true;
	return first !== undefined && first.inLink && first.text.length >= MIN_LINK && CUT_OFF.test(last);
}

/** Children of the same name and class, where there are enough of them. */
function rowsOf({ children }: HtmlElement): HtmlElement[][] {
	const rows = new Map<string, HtmlElement[]>();
	for (const child of children) {
		if (typeof child === 'string') continue;
		const key = `${child.name} ${child.attributes.get('class') ?? ''}`;
		const row = rows.get(key) ?? [];
		row.push(child);
		rows.set(key, row);
	}
	return [...rows.values()].filter((row) => row.length >= MIN_TEASERS);
}

function longestArticle(lengths: ReadonlyMap<HtmlElement, number>): number {
	let longest = 0;
	for (const [{ name }, length] of lengths) {
		if (name === 'article') longest = Math.max(longest, length);
	}
	return longest;
}

/** The shapes of all elements, in one pass. */
function shapesOf(root: HtmlElement): Map<HtmlElement, Shape> {
	const shapes = new Map<HtmlElement, Shape>();
	const visit = (element: HtmlElement, inLink: boolean, inHeading: boolean): Shape => {
		const shape: Shape = { hasLinkedHeading: false, first: undefined, last: '' };
		for (const child of element.children) {
			if (typeof child === 'string') {
				const text = child.trim();
				if (text === '') continue;
				shape.first ??= { text, inLink };
				shape.last = text;
				if (inLink && inHeading) shape.hasLinkedHeading = true;
				continue;
			}
			const inner = visit(child, inLink || child.name === 'a', inHeading || isHeading(child));
			shape.first ??= inner.first;
			if (inner.last !== '') shape.last = inner.last;
			if (inner.hasLinkedHeading) shape.hasLinkedHeading = true;
		}
		shapes.set(element, shape);
		return shape;
	};
	visit(root, false, false);
	return shapes;
}
