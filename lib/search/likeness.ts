import type { IndexedTexts } from './indexedTexts';
import { countOf } from './tokens';
import { averageOf, lengthNorm, rarity, saturated } from './weighting';

/** The different terms of a text, by number, and what each of them is worth in it. */
interface TermWorths {
	terms: Int32Array;
	worths: Float64Array;
}

/**
 * How alike texts are: the BM25 score of one for the whole other as a question, of which a text
 * itself gets 1. All terms are looked at once, so that a comparison is one pass over numbers.
 */
export class Likeness {
	private readonly texts: readonly TermWorths[];
	/** How much each term says. */
	private readonly rarities: Float64Array;

	constructor(index: IndexedTexts) {
		const numbers = new Map<string, number>();
		const termOf = Int32Array.from(index.words, (_, word) => {
			const term = index.stemOf(word);
			if (!numbers.has(term)) numbers.set(term, numbers.size);
			return numbers.get(term)!;
		});
		const average = averageOf(Float64Array.from(index.texts, ({ words }) => words.length));
		this.texts = index.texts.map(({ words }) =>
			worthsOf(
				words.map((word) => termOf[word]!),
				lengthNorm(words.length, average),
			),
		);
		const textsWith = new Int32Array(numbers.size);
		for (const { terms } of this.texts) for (const term of terms) textsWith[term]!++;
		this.rarities = Float64Array.from(textsWith, (found) => rarity(found, this.texts.length));
	}

	/**
	 * How much each text is like some others, 0 to about 1: their mean, by weight. A text is not
	 * compared with itself, as it would only speak in its own favour.
	 *
	 * @param weights - above 0, by number of the text
	 */
	to(weights: ReadonlyMap<number, number>): Float64Array {
		const question = this.asQuestion(weights);
		const likeness = Float64Array.from(this.texts, (text) => this.score(text, question));
		for (const text of weights.keys()) {
			const others = new Map(weights);
			others.delete(text);
			likeness[text] = this.score(this.texts[text]!, this.asQuestion(others));
		}
		return likeness;
	}

	/** How much each term is asked for when some texts, by weight, are the question. */
	private asQuestion(weights: ReadonlyMap<number, number>): Float64Array {
		const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
		const question = new Float64Array(this.rarities.length);
		for (const [text, weight] of weights) {
			const { terms, worths } = this.texts[text]!;
			const share = weight / total / this.own(this.texts[text]!);
			terms.forEach((term, at) => {
				question[term]! += share * worths[at]! * this.rarities[term]!;
			});
		}
		return question;
	}

	private score({ terms, worths }: TermWorths, question: Float64Array): number {
		return terms.reduce((sum, term, at) => sum + question[term]! * worths[at]!, 0);
	}

	/** The score of a text for itself. */
	private own({ terms, worths }: TermWorths): number {
		return terms.reduce((sum, term, at) => sum + this.rarities[term]! * worths[at]! ** 2, 0);
	}
}

/** What the terms of a text, given with repetitions, are worth in it. */
function worthsOf(all: Int32Array, norm: number): TermWorths {
	const counts = countOf(all);
	return {
		terms: Int32Array.from(counts.keys()),
		worths: Float64Array.from(counts.values(), (count) => saturated(count, norm)),
	};
}
