import { Bm25Index } from './bm25';
import { charGrams, countOf, terms } from './tokens';

/** What is ranked: a title, which may be empty, and a text. */
export interface RankedText {
	title: string;
	text: string;
}

/** Weights of the three views of a text. Found on six test collections; see docs/swarm-search.md. */
const WEIGHTS = { body: 1, grams: 0.7, title: 0.3 };

/**
 * Ranks texts for a query by what they say, without a model.
 *
 * Three BM25 scores, each scaled to 0..1, are added: stemmed words of title and text, pieces of
 * four letters (other languages, compounds), and the title alone.
 *
 * @returns one score a text in the order given; 0 when nothing in it matches
 */
export function rankTexts(query: string, texts: readonly RankedText[]): number[] {
	const whole = texts.map(({ title, text }) => `${title} ${text}`);
	const byTerm = countOf(terms(query));
	const body = new Bm25Index(whole.map(terms)).scores(byTerm);
	const grams = new Bm25Index(whole.map((text) => charGrams(text))).scores(
		countOf(charGrams(query)),
	);
	const title = new Bm25Index(texts.map((text) => terms(text.title))).scores(byTerm);
	return combine([
		{ scores: body, weight: WEIGHTS.body },
		{ scores: grams, weight: WEIGHTS.grams },
		{ scores: title, weight: WEIGHTS.title },
	]);
}

/**
 * Adds several scores of the same texts, each scaled so that its best is 1 (CombSUM).
 *
 * @see Fox and Shaw, "Combination of Multiple Searches", TREC-2, 1994
 */
export function combine(
	lists: ReadonlyArray<{ scores: readonly number[]; weight: number }>,
): number[] {
	const combined = lists[0]?.scores.map(() => 0) ?? [];
	for (const { scores, weight } of lists) {
		const best = Math.max(...scores, 0);
		if (best === 0) continue;
		scores.forEach((score, index) => (combined[index]! += (weight * score) / best));
	}
	return combined;
}
