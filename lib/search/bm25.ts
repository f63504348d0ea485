import { countOf } from './tokens';
import { rarity } from './weighting';

/** How BM25 weighs repetition and length. */
export interface Bm25Options {
	/** How fast repeating a term stops to count. Default 1.2. */
	k1?: number;
	/** How much long texts are held back, 0 to 1. Default 0.75. */
	b?: number;
}

/**
 * An in-memory index of texts, already split into terms, ranked by BM25.
 *
 * @see Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009
 */
export class Bm25Index {
	/** For each term: in which texts it occurs, and how often. */
	private readonly postings = new Map<string, Array<{ text: number; count: number }>>();
	private readonly lengths: number[];
	private readonly averageLength: number;

	constructor(
		texts: ReadonlyArray<readonly string[]>,
		private readonly options: Bm25Options = {},
	) {
		this.lengths = texts.map((terms) => terms.length);
		const total = this.lengths.reduce((sum, length) => sum + length, 0);
		this.averageLength = texts.length === 0 ? 0 : total / texts.length;
		texts.forEach((terms, text) => {
			for (const [term, count] of countOf(terms)) {
				const list = this.postings.get(term);
				if (list === undefined) this.postings.set(term, [{ text, count }]);
				else list.push({ text, count });
			}
		});
	}

	/** Inverse document frequency: how much it says that a text has this term. Always above 0. */
	idf(term: string): number {
		const occurrences = this.postings.get(term)?.length ?? 0;
		return rarity(occurrences, this.lengths.length);
	}

	/**
	 * The score of every text for a query.
	 *
	 * @param query - terms and their weights, usually how often each occurs in the query
	 * @returns one score a text, in the order of the texts; 0 where no term of the query occurs
	 */
	scores(query: ReadonlyMap<string, number>): number[] {
		const { k1 = 1.2, b = 0.75 } = this.options;
		const scores = this.lengths.map(() => 0);
		for (const [term, weight] of query) {
			const idf = this.idf(term);
			for (const { text, count } of this.postings.get(term) ?? []) {
				const length = 1 - b + (b * this.lengths[text]!) / this.averageLength;
				scores[text]! += (weight * idf * count * (k1 + 1)) / (count + k1 * length);
			}
		}
		return scores;
	}
}
