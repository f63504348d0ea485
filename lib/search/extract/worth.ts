import { namesOf } from './boilerplate';
import { MIN_PARAGRAPH } from './blocks';
import type { Block } from './blocks';
import { isHeading } from './tree';
import type { HtmlElement } from './tree';

const MIN_SENTENCE = 25;
/** What a character in a row of data is worth, next to one of a paragraph. */
const ROW_WORTH = 0.5;

const ARTICLE_NAMES =
	/article|body|content|entry|hentry|h-entry|main|page|post|text|blog|story|prose|markdown|detail/i;

/** The element whose blocks are worth most; of equals the innermost. */
export function bestElement(blocks: readonly Block[]): HtmlElement | undefined {
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
	if (owner.name === 'tr' && linked < 0.3 && length >= 12) return length * ROW_WORTH;
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
