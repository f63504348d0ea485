import { Bm25Index } from './bm25';
import type { EngineHit } from './searchEngine';
import { stem } from './stem';
import { countOf, isStopWord, terms, words } from './tokens';

/** One way to ask the question. */
export interface QueryVariant {
	text: string;
	kind: 'original' | 'keywords' | 'expanded' | 'model';
	/** How much its hits count, 0 to 1. */
	weight: number;
}

/** The ways to ask that need no hits yet: the question itself, and its keywords. */
export function plainVariants(query: string, max: number): QueryVariant[] {
	const variants: QueryVariant[] = [{ text: query, kind: 'original', weight: 1 }];
	const keywords = words(query).filter((word) => !isStopWord(word));
	const sameWords = keywords.length === words(query).length;
	if (max > 1 && keywords.length > 0 && !sameWords) {
		variants.push({ text: keywords.join(' '), kind: 'keywords', weight: 0.7 });
	}
	return variants;
}

const FEEDBACK_HITS = 5;
const FEEDBACK_WORDS = 6;

/**
 * The keywords and the words that set the best hits apart from the others (pseudo-relevance
 * feedback); `undefined` when the hits add nothing.
 *
 * @param hits - what the first round found, best first
 */
export function expandedVariant(
	query: string,
	hits: readonly EngineHit[],
): QueryVariant | undefined {
	const known = new Set(terms(query));
	const texts = hits.map(({ title, snippet }) => `${title} ${snippet}`);
	const index = new Bm25Index(texts.map(terms));
	const weights = new Map<string, number>();
	texts.slice(0, FEEDBACK_HITS).forEach((text, rank) => {
		const all = words(text).filter((word) => word.length > 2 && !isStopWord(word));
		for (const [word, count] of countOf(all)) {
			if (known.has(stem(word)) || /^\p{N}+$/u.test(word)) continue;
			const gain = (count / all.length) * index.idf(stem(word));
			weights.set(word, (weights.get(word) ?? 0) + gain / (rank + 2));
		}
	});
	const added = [...weights]
		.sort(([wordA, a], [wordB, b]) => b - a || (wordA < wordB ? -1 : 1))
		.slice(0, FEEDBACK_WORDS)
		.map(([word]) => word);
	if (added.length === 0) return undefined;
	const keywords = words(query).filter((word) => !isStopWord(word));
	return { text: [...keywords, ...added].join(' '), kind: 'expanded', weight: 0.5 };
}
