import { gramsOf } from './indexedTexts';
import type { IndexedTexts } from './indexedTexts';

/** How often each of some features (terms, pieces of words, pairs) occurs in each of some texts. */
export class FeatureCounts {
	private readonly counts: Uint16Array;

	constructor(
		readonly texts: number,
		readonly features: number,
	) {
		this.counts = new Uint16Array(texts * features);
	}

	add(text: number, feature: number): void {
		const at = text * this.features + feature;
		if (this.counts[at]! < 0xffff) this.counts[at]!++;
	}

	of(text: number, feature: number): number {
		return this.counts[text * this.features + feature]!;
	}

	/** In how many texts a feature occurs. */
	textsWith(feature: number): number {
		let found = 0;
		for (let text = 0; text < this.texts; text++) if (this.of(text, feature) > 0) found++;
		return found;
	}
}

/** For each word of the texts the number of the term it is a form of, or -1. */
function termNumbers(index: IndexedTexts, terms: readonly string[]): Int32Array {
	const numbers = new Map(terms.map((term, number) => [term, number]));
	// Stemming leaves the first letter alone, so that most words need not be stemmed at all.
	const initials = new Set(terms.map((term) => term[0]));
	return Int32Array.from(index.words, (word, at) =>
		initials.has(word[0]) ? (numbers.get(index.stemOf(at)) ?? -1) : -1,
	);
}

/** What is counted of some terms, in the order in which they are given. */
export interface TermCounts {
	/** In title and text. */
	body: FeatureCounts;
	/** In the title. */
	title: FeatureCounts;
	/** Of two terms next to each other, or one word apart, in their order; see `pairs`. */
	pair: FeatureCounts;
}

/** Two terms that follow each other, as their numbers. */
export type TermPair = readonly [first: number, second: number];

/** Counts terms, and pairs of them, in all texts. */
export function countTerms(
	index: IndexedTexts,
	terms: readonly string[],
	pairs: readonly TermPair[],
): TermCounts {
	const { texts } = index;
	const termOf = termNumbers(index, terms);
	const pairOf = new Map(pairs.map(([a, b], number) => [a * terms.length + b, number]));
	const body = new FeatureCounts(texts.length, terms.length);
	const title = new FeatureCounts(texts.length, terms.length);
	const pair = new FeatureCounts(texts.length, pairs.length);
	texts.forEach(({ words, titleWords }, text) => {
		let before = -1;
		let beforeThat = -1;
		words.forEach((word, at) => {
			const term = termOf[word]!;
			if (term >= 0) {
				body.add(text, term);
				if (at < titleWords) title.add(text, term);
				for (const other of [before, beforeThat]) {
					const number = other < 0 ? undefined : pairOf.get(other * terms.length + term);
					if (number !== undefined) pair.add(text, number);
				}
			}
			beforeThat = before;
			before = term;
		});
	});
	return { body, title, pair };
}

/** Counts pieces of words in all texts. */
export function countGrams(index: IndexedTexts, grams: readonly string[]): FeatureCounts {
	const numbers = new Map(grams.map((gram, number) => [gram, number]));
	const inWord = index.words.map((word) =>
		gramsOf(word).flatMap((gram) => numbers.get(gram) ?? []),
	);
	const counts = new FeatureCounts(index.texts.length, grams.length);
	index.texts.forEach(({ words }, text) => {
		for (const word of words) for (const gram of inWord[word]!) counts.add(text, gram);
	});
	return counts;
}
