import { ValidationError, isJsonObject, show } from '../../lib';
import type { SourceDocument } from '../../lib';

/** Names under which nodes and services give the text of a document, most usual first. */
const TEXT_FIELDS = ['text', 'content', 'pageContent', 'body', 'snippet'];
const URL_FIELDS = ['url', 'link', 'source'];
const DATE_FIELDS = ['publishedAt', 'date', 'published'];

/**
 * Documents in any of the forms workflows have them: a text, a list of texts, one or more objects
 * with text and optional title, URL and date, or any of these as JSON text.
 *
 * @throws {ValidationError} naming the entry that holds no text
 */
export function documentsOf(value: unknown): SourceDocument[] {
	const data = typeof value === 'string' ? fromText(value) : value;
	if (data === undefined || data === null) return [];
	return [data].flat().map(documentOf);
}

/** JSON text as data; any other text is the document itself. */
function fromText(text: string): unknown {
	if (text.trim() === '') return undefined;
	if (!/^\s*[[{]/.test(text)) return text;
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return text;
	}
}

function documentOf(entry: unknown, index: number): SourceDocument {
	if (typeof entry === 'string') return { text: entry };
	// An item passed on whole, as `$input.all()` gives it.
	const fields = isJsonObject(entry) && isJsonObject(entry.json) ? entry.json : entry;
	const text = firstText(fields, TEXT_FIELDS);
	if (text === undefined) {
		throw new ValidationError(
			`Documents: entry ${index + 1} holds no text, received ${show(entry)}.`,
			{
				hint: 'Give a text, or objects with a text field, such as {"title": "…", "url": "…", "text": "…"}',
			},
		);
	}
	return {
		text,
		title: firstText(fields, ['title', 'name']),
		url: firstText(fields, URL_FIELDS),
		publishedAt: firstText(fields, DATE_FIELDS),
	};
}

function firstText(fields: unknown, names: readonly string[]): string | undefined {
	if (!isJsonObject(fields)) return undefined;
	for (const name of names) {
		const value = fields[name];
		if (typeof value === 'string' && value.trim() !== '') return value;
	}
	return undefined;
}
