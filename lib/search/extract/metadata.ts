import { isJsonObject, parseJson } from '../../core';
import type { Json } from '../../core';
import { cleanText, plainText } from './plainText';
import type { HtmlElement } from './tree';

/** What a page says about itself. */
export interface PageMetadata {
	title: string;
	publishedAt: string | null;
	author: string | null;
	canonicalUrl: string | null;
	/** The article as its structured data has it; often empty. */
	articleBody: string;
}

/** Where pages say when they were published, most usual first. */
const DATE_NAMES = ['article:published_time', 'datepublished', 'date', 'dc.date', 'pubdate'];

/** Reads OpenGraph and other `meta` elements, `link rel=canonical` and JSON-LD. */
export function metadataOf(root: HtmlElement): PageMetadata {
	const meta = new Map<string, string>();
	const data: Json[] = [];
	let title = '';
	let canonicalUrl: string | null = null;
	for (const element of elementsBelow(root)) {
		const { name, attributes } = element;
		if (name === 'meta') addMeta(meta, attributes);
		if (name === 'title') title ||= textOf(element);
		if (name === 'link' && attributes.get('rel')?.toLowerCase() === 'canonical') {
			canonicalUrl ??= attributes.get('href') ?? null;
		}
		if (/ld\+json/i.test(attributes.get('type') ?? '')) data.push(jsonOf(textOf(element)));
	}
	const objects = objectsIn(data);
	const fromData = (field: string) => longestText(objects.map((object) => object[field]));
	return {
		title: cleanText(meta.get('og:title') ?? title),
		publishedAt:
			DATE_NAMES.map((name) => meta.get(name)).find((date) => date !== undefined) ??
			(fromData('datePublished') || null),
		author: meta.get('author') ?? (authorOf(objects) || null),
		canonicalUrl,
		articleBody: plainText(fromData('articleBody')),
	};
}

function* elementsBelow(element: HtmlElement): Generator<HtmlElement> {
	const open: HtmlElement[] = [element];
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		yield at;
		for (let index = at.children.length - 1; index >= 0; index--) {
			const child = at.children[index]!;
			if (typeof child !== 'string') open.push(child);
		}
	}
}

function addMeta(meta: Map<string, string>, attributes: ReadonlyMap<string, string>): void {
	const name = attributes.get('property') ?? attributes.get('name') ?? attributes.get('itemprop');
	const content = cleanText(attributes.get('content') ?? '');
	if (name === undefined || content === '' || meta.has(name.toLowerCase())) return;
	meta.set(name.toLowerCase(), content);
}

function textOf({ children }: HtmlElement): string {
	return children.filter((child) => typeof child === 'string').join('');
}

function jsonOf(text: string): Json {
	try {
		return parseJson(text);
	} catch {
		// Broken structured data is as good as none.
		return null;
	}
}

/** All objects in some data, at any depth. */
function objectsIn(data: Json[]): Array<Record<string, Json>> {
	const objects: Array<Record<string, Json>> = [];
	const open: Json[] = [...data].reverse();
	for (let value = open.pop(); value !== undefined; value = open.pop()) {
		if (isJsonObject(value)) objects.push(value);
		if (typeof value !== 'object' || value === null) continue;
		for (const child of Object.values(value).reverse()) open.push(child);
	}
	return objects;
}

function authorOf(objects: ReadonlyArray<Record<string, Json>>): string {
	const named = objects
		.flatMap(({ author }) => author ?? [])
		.map((author) => (isJsonObject(author) ? author.name : author));
	return cleanText(named.find((name) => typeof name === 'string') ?? '');
}

function longestText(values: ReadonlyArray<Json | undefined>): string {
	return values
		.filter((value) => typeof value === 'string')
		.reduce((longest, value) => (value.length > longest.length ? value : longest), '');
}
