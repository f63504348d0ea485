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
 * Texts that are ranked for queries by what they say, without a model.
 *
 * Three BM25 scores, each scaled to 0..1, are added: stemmed words of title and text, pieces of
 * four letters (other languages, compounds), and the title alone.
 */
export class TextRanker {
	private readonly body: Bm25Index;
	private readonly grams: Bm25Index;
	private readonly title: Bm25Index;

	constructor(texts: readonly RankedText[]) {
		const whole = texts.map(({ title, text }) => `${title} ${text}`);
		this.body = new Bm25Index(whole.map(terms));
		this.grams = new Bm25Index(whole.map((text) => charGrams(text)));
		this.title = new Bm25Index(texts.map(({ title }) => terms(title)));
	}

	/** @returns one score a text in the order given; 0 when nothing in it matches */
	scores(query: string): number[] {
		const byTerm = countOf(terms(query));
		return combine([
			{ scores: this.body.scores(byTerm), weight: WEIGHTS.body },
			{ scores: this.grams.scores(countOf(charGrams(query))), weight: WEIGHTS.grams },
			{ scores: this.title.scores(byTerm), weight: WEIGHTS.title },
		]);
	}
}

/** The score of each text for one query; see {@link TextRanker}. */
export function rankTexts(query: string, texts: readonly RankedText[]): number[] {
	return new TextRanker(texts).scores(query);
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
		const best = scores.reduce((most, score) => Math.max(most, score), 0);
		if (best === 0) continue;
		scores.forEach((score, index) => (combined[index]! += (weight * score) / best));
	}
	return combined;
}
