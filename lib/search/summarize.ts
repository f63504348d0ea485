import { Bm25Index } from './bm25';
import type { FusedHit } from './fusion';
import { topicTerms } from './relevance';
import { sentencesOf } from './sentences';
import { terms, words } from './tokens';
import { Verifier } from './verify';
import type { CheckedClaim, ProvenQuote, Verdict } from './verify';

/** A sentence of the summary, with what bears it out. */
export interface CitedSentence {
	text: string;
	/** Numbers of sources, ascending. */
	citations: number[];
	/** What stands in them word for word, and where in the text that was read. */
	quotes: ProvenQuote[];
	verdict: Verdict;
	/** Checks that the sentence failed; empty when it is verified or supported. */
	failed: CheckedClaim['failed'];
}

/** A source with the number by which citations name it. */
export type NumberedHit = FusedHit & { n: number };

interface Candidate {
	text: string;
	source: NumberedHit;
	/** Place in the source, 0, 1, … */
	position: number;
	terms: Set<string>;
	/** How well it answers the question, 0 and up. */
	score: number;
}

const MIN_CHARS = 25;
const MAX_CHARS = 400;
const MIN_WORDS = 5;
/** How much a sentence's own merit counts against not repeating what is said already. */
const RELEVANCE_SHARE = 0.7;

/**
 * Picks the sentences that answer a question best, word for word, from different sources where
 * possible, and cites every source that has them. A sentence that fails the check is left out.
 *
 * @returns at most `max` sentences, by source and then in the order of the source
 */
export function summarize(
	query: string,
	sources: readonly NumberedHit[],
	max: number,
): CitedSentence[] {
	const verifier = new Verifier(sources);
	return pickDiverse(candidatesOf(query, sources), max)
		.sort((a, b) => a.source.n - b.source.n || a.position - b.position)
		.map(({ text }) => citedSentence(text, verifier.check(text, verifier.placesOf(text))))
		.filter(({ verdict }) => verdict === 'verified');
}

/** A sentence with what came of checking it. */
export function citedSentence(text: string, { quotes, ...checked }: CheckedClaim): CitedSentence {
	const citations = [...new Set(quotes.map(({ n }) => n))].sort((a, b) => a - b);
	return { text, citations, quotes, ...checked };
}

function candidatesOf(query: string, sources: readonly NumberedHit[]): Candidate[] {
	const topic = topicTerms(query);
	const candidates = sources.flatMap((source) =>
		sentencesOf(source.text).flatMap(({ text: raw }, position): Candidate[] => {
			const text = withoutListMark(raw).replace(/\s+/g, ' ');
			return isProse(text)
				? [{ text, source, position, terms: new Set(terms(text)), score: 0 }]
				: [];
		}),
	);
	const index = new Bm25Index(candidates.map((candidate) => [...candidate.terms]));
	const wanted = new Set([...topic, ...terms(query)]);
	for (const candidate of candidates) {
		candidate.score = hasAny(candidate.terms, topic) ? scoreOf(candidate, wanted, index) : 0;
	}
	return candidates.filter(({ score }) => score > 0);
}

/** Share of the question's weight the sentence has, its source's rank, and a little for coming first. */
function scoreOf(candidate: Candidate, wanted: ReadonlySet<string>, index: Bm25Index): number {
	let found = 0;
	let total = 0;
	for (const term of wanted) {
		const idf = index.idf(term);
		total += idf;
		if (candidate.terms.has(term)) found += idf;
	}
	const early = candidate.position === 0 ? 0.1 : 0;
	return found / total + 0.3 * candidate.source.score + early;
}

/**
 * Maximal marginal relevance: each next sentence is the best one that says something new.
 *
 * @see Carbonell and Goldstein, "The Use of MMR", SIGIR 1998
 */
function pickDiverse(candidates: readonly Candidate[], max: number): Candidate[] {
	const left = new Set(candidates);
	const picked: Candidate[] = [];
	const best = Math.max(...candidates.map(({ score }) => score), 0);
	while (picked.length < max && left.size > 0) {
		let next: { candidate: Candidate; value: number } | undefined;
		for (const candidate of left) {
			const repeated = Math.max(0, ...picked.map((other) => similarity(candidate, other)));
			if (repeated > 0.8) continue;
			const value = (RELEVANCE_SHARE * candidate.score) / best - (1 - RELEVANCE_SHARE) * repeated;
			if (next === undefined || value > next.value) next = { candidate, value };
		}
		if (next === undefined) break;
		picked.push(next.candidate);
		left.delete(next.candidate);
	}
	return picked;
}

/** Overlap of two sentences' terms (Jaccard), and a fixed share for coming from the same source. */
function similarity(first: Candidate, second: Candidate): number {
	const shared = [...first.terms].filter((term) => second.terms.has(term)).length;
	const overlap = shared / (first.terms.size + second.terms.size - shared || 1);
	return Math.min(1, overlap + (first.source === second.source ? 0.2 : 0));
}

function hasAny(present: ReadonlySet<string>, wanted: ReadonlySet<string>): boolean {
	return [...wanted].some((term) => present.has(term));
}

/** "- point" and "3. point" as "point": still a verbatim piece of the source. */
function withoutListMark(sentence: string): string {
	return sentence.replace(/^(?:[-*•+]|\d{1,2}[.)])\s+/, '');
}

/** Whether a piece of text is a sentence to quote: not a heading, a table row, code or a fragment. */
function isProse(text: string): boolean {
	if (text.length < MIN_CHARS || text.length > MAX_CHARS || /^[#|<{>=]/.test(text)) return false;
	return words(text).length >= MIN_WORDS && /[.!?…。！？]["'”’»)\]]*$/u.test(text);
}
