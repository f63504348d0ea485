import { backgroundIdf } from './background';
import { countGrams, countTerms } from './featureCounts';
import type { FeatureCounts, TermPair } from './featureCounts';
import { IndexedTexts, gramsOf } from './indexedTexts';
import type { RankedText } from './indexedTexts';
import { Likeness } from './likeness';
import { countOf, isStopWord, terms, words } from './tokens';
import { averageOf, lengthNorm, rarity, saturated } from './weighting';

export type { RankedText } from './indexedTexts';

/** Weights of the views of a text. Found on test collections; see docs/swarm-search.md. */
const WEIGHTS = { body: 1, grams: 0.3, title: 0.4, pairs: 0.2 };
/** Pieces of words tell more among very many texts, where few words are shared by chance. */
const MANY = { texts: 500, grams: 0.7, title: 0.3, pairs: 0 };

/** Words of a question that are looked at; more say nothing new. */
const MAX_TERMS = 200;

/** How the texts are ranked. */
export interface RankOptions {
	/**
	 * Ranks twice, the second time also by how much a text is like the best of the first time. For
	 * whole collections; hits of engines have been chosen once already. Default false.
	 */
	feedback?: boolean;
}

/**
 * Texts that are ranked for questions by what they say, without a model.
 *
 * BM25 scores, each scaled to 0..1, are added: stemmed words of title and text, pieces of four
 * letters (other languages, compounds), the title alone, and words that follow each other as in the
 * question. How much a word says is taken from the texts and from English at large: the fewer the
 * texts, the less they can tell. What answers one question is alike: with feedback, a text also
 * gains by being like the best ones.
 *
 * @see Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009
 * @see Fox and Shaw, "Combination of Multiple Searches", TREC-2, 1994 (adding scaled scores)
 * @see Diaz, "Regularizing ad hoc retrieval scores", CIKM 2005 (scores of texts that are alike)
 */
export class TextRanker {
	private readonly index: IndexedTexts;
	private readonly weights: typeof WEIGHTS;
	private likeness: Likeness | undefined;
	private readonly lengths: Readonly<Record<'body' | 'grams' | 'title', Float64Array>>;

	constructor(
		texts: readonly RankedText[],
		private readonly options: RankOptions = {},
	) {
		this.index = new IndexedTexts(texts);
		const all = this.index.texts;
		this.weights = all.length > MANY.texts ? { ...WEIGHTS, ...MANY } : WEIGHTS;
		this.lengths = {
			body: Float64Array.from(all, ({ words: found }) => found.length),
			grams: Float64Array.from(all, ({ grams }) => grams),
			title: Float64Array.from(all, ({ titleWords }) => titleWords),
		};
	}

	/** @returns one score a text in the order given; 0 when nothing in it matches */
	scores(query: string): Float64Array {
		const sequence = terms(query).slice(0, MAX_TERMS);
		const scores = this.firstScores(sequence, gramsIn(query));
		if (this.options.feedback !== true) return scores;
		const best = topOf(scores, FEEDBACK.texts);
		this.likeness ??= new Likeness(this.index);
		const alike = this.likeness.to(new Map(best.map((text) => [text, scores[text]!])));
		return combine([
			{ scores, weight: 1 },
			{ scores: alike, weight: FEEDBACK.weight },
		]);
	}

	private firstScores(sequence: readonly string[], grams: readonly string[]): Float64Array {
		const weights = countOf(sequence);
		const found = [...weights.keys()];
		const pairs = pairsOf(sequence, found);
		const counts = countTerms(this.index, found, pairs);
		const idf = found.map((term, at) => this.idf(term, counts.body.textsWith(at)));
		const strength = found.map((term, at) => weights.get(term)! * idf[at]!);
		const gramWeights = countOf(grams);
		const pieces = [...gramWeights.keys()];
		const gramCounts = countGrams(this.index, pieces);
		const gramStrength = pieces.map(
			(gram, at) => gramWeights.get(gram)! * this.ownIdf(gramCounts.textsWith(at)),
		);
		const pairStrength = pairs.map(([a, b]) => (idf[a]! + idf[b]!) / 2);
		const { body, grams: gramLengths, title } = this.lengths;
		return combine([
			{ scores: bm25(counts.body, strength, body), weight: this.weights.body },
			{ scores: bm25(gramCounts, gramStrength, gramLengths), weight: this.weights.grams },
			{ scores: bm25(counts.title, strength, title), weight: this.weights.title },
			{ scores: bm25(counts.pair, pairStrength, body), weight: this.weights.pairs },
		]);
	}

	private idf(term: string, textsWith: number): number {
		const texts = this.index.texts.length;
		const share = (BACKGROUND.share * BACKGROUND.texts) / (BACKGROUND.texts + texts);
		return share * backgroundIdf(term) + (1 - share) * this.ownIdf(textsWith);
	}

	/** Inverse document frequency among these texts. Always above 0. */
	private ownIdf(textsWith: number): number {
		return rarity(textsWith, this.index.texts.length);
	}
}

/** How much of a word's weight comes from English at large: most among few texts, half at `texts`. */
const BACKGROUND = { share: 0.7, texts: 250 };

/** How many of the best texts others are compared with, and how much being like them counts. */
const FEEDBACK = { texts: 3, weight: 0.2 };

/** The score of each text for one question; see {@link TextRanker}. */
export function rankTexts(query: string, texts: readonly RankedText[]): Float64Array {
	return new TextRanker(texts).scores(query);
}

/** Adds several scores of the same texts, each scaled so that its best is 1 (CombSUM). */
function combine(lists: ReadonlyArray<{ scores: Float64Array; weight: number }>): Float64Array {
	const combined = new Float64Array(lists[0]!.scores.length);
	for (const { scores, weight } of lists) {
		const best = scores.reduce((most, score) => Math.max(most, score), 0);
		if (best === 0) continue;
		scores.forEach((score, index) => (combined[index]! += (weight * score) / best));
	}
	return combined;
}

function bm25(
	counts: FeatureCounts,
	strength: readonly number[],
	lengths: Float64Array,
): Float64Array {
	const average = averageOf(lengths);
	return Float64Array.from(lengths, (length, text) => {
		const norm = lengthNorm(length, average);
		let score = 0;
		for (let feature = 0; feature < counts.features; feature++) {
			const count = counts.of(text, feature);
			if (count > 0) score += strength[feature]! * saturated(count, norm);
		}
		return score;
	});
}

/** Pieces of the words of a question; see {@link gramsOf}. */
function gramsIn(query: string): string[] {
	return words(query)
		.filter((word) => !isStopWord(word))
		.slice(0, MAX_TERMS)
		.flatMap(gramsOf);
}

/** Terms that follow each other in the question, or stand one word apart. */
function pairsOf(sequence: readonly string[], numbered: readonly string[]): TermPair[] {
	const numbers = new Map(numbered.map((term, number) => [term, number]));
	const pairs = new Map<string, TermPair>();
	sequence.forEach((term, at) => {
		for (const next of sequence.slice(at + 1, at + 3)) {
			pairs.set(`${term} ${next}`, [numbers.get(term)!, numbers.get(next)!]);
		}
	});
	return [...pairs.values()];
}

/** The numbers of the best scores above 0, best first. */
function topOf(scores: Float64Array, count: number): number[] {
	return [...scores.keys()]
		.filter((text) => scores[text]! > 0)
		.sort((a, b) => scores[b]! - scores[a]! || a - b)
		.slice(0, count);
}
