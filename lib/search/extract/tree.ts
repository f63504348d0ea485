import { tokenize } from './tokenize';

/** An element of a page. */
export interface HtmlElement {
	/** In lower case. */
	name: string;
	attributes: ReadonlyMap<string, string>;
	parent: HtmlElement | undefined;
	/** Elements and texts, in order. */
	children: Array<HtmlElement | string>;
}

/** The most elements of a page that are looked at; what comes after them is text of the last ones. */
const MAX_ELEMENTS = 50_000;

/** Deepest nesting; deeper elements count as children of the one at this depth. */
const MAX_DEPTH = 400;

const VOID = new Set(
	'area base br col embed hr img input link meta param source track wbr'.split(' '),
);

/** Elements that end an open paragraph, as browsers have it. */
const ENDS_PARAGRAPH = new Set(
	(
		'address article aside blockquote center details div dl fieldset figcaption figure footer form ' +
		'h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section table ul'
	).split(' '),
);

/** Elements whose end tag may be left out: the next of the same group ends them. */
const SIBLINGS: Readonly<Record<string, readonly string[]>> = {
	li: ['li'],
	dt: ['dt', 'dd'],
	dd: ['dt', 'dd'],
	tr: ['tr', 'td', 'th'],
	td: ['td', 'th'],
	th: ['td', 'th'],
	option: ['option'],
};

/** Elements beyond which an end tag that was left out is not looked for. */
const FENCES = new Set('ul ol dl table select'.split(' '));

/** A page as a tree, in one pass over its text. Broken markup is repaired where browsers do it. */
export function parseTree(html: string): HtmlElement {
	const root: HtmlElement = {
		name: '#root',
		attributes: new Map(),
		parent: undefined,
		children: [],
	};
	const builder = new Builder(root);
	for (const token of tokenize(html)) {
		if (token.kind === 'text') builder.text(token.text);
		else if (token.kind === 'close') builder.close(token.name);
		else builder.open(token.name, token.attributes);
	}
	return root;
}

class Builder {
	/** Open elements, the root first. */
	private readonly stack: HtmlElement[];
	/** How many of each name are open, so that an end tag without a beginning costs nothing. */
	private readonly openNames = new Map<string, number>();
	private elements = 0;

	constructor(root: HtmlElement) {
		this.stack = [root];
	}

	text(text: string): void {
		this.stack.at(-1)!.children.push(text);
	}

	open(name: string, attributes: ReadonlyMap<string, string>): void {
		if (this.elements >= MAX_ELEMENTS) return;
		if (ENDS_PARAGRAPH.has(name) && this.stack.at(-1)!.name === 'p') this.pop();
		this.closeSiblings(SIBLINGS[name] ?? []);
		this.elements++;
		const parent = this.stack.at(-1)!;
		const element = { name, attributes, parent, children: [] };
		parent.children.push(element);
		if (VOID.has(name) || this.stack.length > MAX_DEPTH) return;
		this.stack.push(element);
		this.openNames.set(name, (this.openNames.get(name) ?? 0) + 1);
	}

	close(name: string): void {
		if ((this.openNames.get(name) ?? 0) === 0) return;
		while (this.pop() !== name);
	}

	private closeSiblings(names: readonly string[]): void {
		if (names.length === 0) return;
		for (let depth = this.stack.length - 1; depth > 0; depth--) {
			const { name } = this.stack[depth]!;
			if (FENCES.has(name)) return;
			if (!names.includes(name)) continue;
			while (this.stack.length > depth) this.pop();
		}
	}

	private pop(): string {
		const { name } = this.stack.pop()!;
		this.openNames.set(name, this.openNames.get(name)! - 1);
		return name;
	}
}

/** Whether an element is a heading, by its name. */
export function isHeading({ name }: HtmlElement): boolean {
	return /^h[1-6]$/.test(name);
}
