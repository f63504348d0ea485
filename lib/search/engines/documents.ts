import { hashOf } from '../../core';
import { TextRanker } from '../rank';
import { isRelated } from '../relevance';
import type { EngineHit, EngineQuery, SearchEngine } from '../searchEngine';
import { snippetOf } from '../snippet';

/** A text to search, with where it came from when that is known. */
export interface SourceDocument {
	url?: string;
	title?: string;
	text: string;
	/** ISO 8601 date or time. */
	publishedAt?: string;
}

/** Name of the engine that searches documents given with the question. */
export const DOCUMENTS_ENGINE = 'Input Documents';

/** So many documents that others like the best of them are there to be found. */
const WHOLE_COLLECTION = 500;

/** Searches documents that are already here: no network, no key. */
export function documentsEngine(documents: readonly SourceDocument[]): SearchEngine {
	const texts = documents.map(({ title = '', text }) => ({ title, text }));
	const ranker = new TextRanker(texts, { feedback: documents.length >= WHOLE_COLLECTION });
	return {
		name: DOCUMENTS_ENGINE,
		search: (query) => Promise.resolve(searchDocuments(documents, ranker, query)),
	};
}

function searchDocuments(
	documents: readonly SourceDocument[],
	ranker: TextRanker,
	{ text: query, limit }: EngineQuery,
): EngineHit[] {
	const scores = ranker.scores(query);
	return documents
		.map((document, index) => ({ document, score: scores[index]! }))
		.filter(({ document, score }) => score > 0 && isRelated(query, fullText(document)))
		.sort((first, second) => second.score - first.score)
		.slice(0, limit)
		.map(({ document }) => hitOf(document, query));
}

function fullText({ title = '', text }: SourceDocument): string {
	return `${title} ${text}`;
}

function hitOf(document: SourceDocument, query: string): EngineHit {
	const { url = null, title, text, publishedAt = null } = document;
	return {
		url,
		id: hashOf({ title, text }),
		title: title ?? firstWords(text),
		snippet: snippetOf(text, query),
		text,
		publishedAt,
	};
}

const TITLE_LENGTH = 80;

/** The beginning of a text, to stand in for a missing title. */
function firstWords(text: string): string {
	const line = text.trim().split('\n', 1)[0]!.trim();
	if (line.length <= TITLE_LENGTH) return line;
	return `${line.slice(0, TITLE_LENGTH).replace(/\s+\S*$/, '')}…`;
}
