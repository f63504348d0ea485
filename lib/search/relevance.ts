import { backgroundIdf } from './background';
import { stem } from './stem';
import { terms, words } from './tokens';

/** Words that say what kind of answer is wanted, not what it is about; a good source may lack them. */
const KIND_WORDS = new Set(
	(
		'advantage affect answer basic benefit best cause common compare comparison con cost current define ' +
		'definition describe detail difference disadvantage effect evidence example explain fact factor find ' +
		'good idea impact important information kind know latest list main mean meaning method need new ' +
		'number overview people pro problem purpose question reason recent recommend result risk role show ' +
		'source state step summarize summary tell thing tip today topic type use way work year'
	)
		.split(' ')
		.map(stem),
);

/** The terms a source has to be about, without those that only say what kind of answer is wanted. */
export function topicTerms(query: string): Set<string> {
	const all = terms(query);
	const topical = all.filter((term) => !KIND_WORDS.has(term));
	return new Set(topical.length > 0 ? topical : all);
}

/** How many of `count` topic terms a text must have to be about the query. */
function termsNeeded(count: number): number {
	return count <= 2 ? count : Math.max(2, Math.ceil(count * 0.34));
}

/** Least share of the weight of three to five topic words that a text must have to be listed. */
const RELATED_SHARE = 0.12;

/**
 * Whether a text has to do with a query: it has both of two topic terms, one of three to five
 * that says something, any of more. Enough to be listed among the sources, not to be quoted.
 */
export function isRelated(query: string, text: string): boolean {
	const topic = topicTerms(query);
	if (topic.size <= 2) return isRelevant(query, text);
	const present = new Set(terms(text));
	let total = 0;
	let found = 0;
	for (const term of topic) {
		const weight = backgroundIdf(term);
		total += weight;
		if (present.has(term)) found += weight;
	}
	return found > 0 && (topic.size > 5 || found >= RELATED_SHARE * total);
}

/**
 * Whether a text is about a query, so that it may be quoted as an answer: it has both of two topic terms, two of three to five,
 * and a third of more. A query without any word that can be compared is about nothing.
 */
export function isRelevant(query: string, text: string): boolean {
	const topic = topicTerms(query);
	if (topic.size === 0) return false;
	const present = new Set(terms(text));
	const found = [...topic].filter((term) => present.has(term)).length;
	return found >= termsNeeded(topic.size);
}

/** Which words of a query some texts have, and how much of it that is. */
export interface Coverage {
	/** Share of the query's topic words that are found, 0 to 1. */
	share: number;
	/** The topic words found, as the query has them. */
	covered: string[];
	/** The topic words not found. */
	missing: string[];
}

/** How much of a query some texts speak about, word by word. */
export function coverageOf(query: string, texts: readonly string[]): Coverage {
	const topic = topicTerms(query);
	const present = new Set(texts.flatMap(terms));
	const seen = new Set<string>();
	const covered: string[] = [];
	const missing: string[] = [];
	for (const word of words(query)) {
		const term = stem(word);
		if (!topic.has(term) || seen.has(term)) continue;
		seen.add(term);
		(present.has(term) ? covered : missing).push(word);
	}
	return { share: seen.size === 0 ? 0 : covered.length / seen.size, covered, missing };
}
