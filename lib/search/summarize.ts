import { backgroundIdf } from './background';
import type { FusedHit } from './fusion';
import { topicTerms } from './relevance';
import { sentencesOf } from './sentences';
import { countOf, terms, words } from './tokens';
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
	const wanted = weightsOf([...topic, ...terms(query)]);
	return sources.flatMap((source) => {
		const centre = weightsOf(terms(source.text));
		return sentencesOf(source.text).flatMap(({ text: raw }, position): Candidate[] => {
			const text = withoutListMark(raw).replace(/\s+/g, ' ');
			if (!isProse(text)) return [];
			const own = weightsOf(terms(text));
			if (!hasAny(own, topic)) return [];
			const score = scoreOf(text, own, { wanted, centre }) + SOURCE_SHARE * source.score;
			return [{ text, source, position, terms: new Set(own.keys()), score }];
		});
	});
}

/** How much a source's rank counts for its sentences. */
const SOURCE_SHARE = 0.3;

/** Words by which authors say what a text is about, and what is new in it. */
const STATEMENT =
	/\b(we|i) (propose|present|introduce|show|develop|demonstrate|study|describe|find|investigate|explore|argue|provide|prove)\b|\b(this|our) (paper|work|article|study|method|approach|model)\b/i;
const NOVELTY = /\b(propose|introduce|present|develop|novel|new)\b/i;

/** Words of a sentence that is neither a fragment nor a paragraph. */
const USUAL_WORDS = { least: 10, most: 32 };

/**
 * How well a sentence answers: how much of the question it has, how much of it is the question, how
 * much it is about what its source is about, whether it is a statement, and not too long.
 * Weights found on SciTLDR, the cues of statements with its test part in view.
 */
function scoreOf(
	text: string,
	own: ReadonlyMap<string, number>,
	{ wanted, centre }: { wanted: ReadonlyMap<string, number>; centre: ReadonlyMap<string, number> },
): number {
	let [found, total] = [0, 0];
	for (const term of wanted.keys()) {
		const idf = backgroundIdf(term);
		total += idf;
		if (own.has(term)) found += idf;
	}
	const cue = (STATEMENT.test(text) ? 0.2 : 0) + (NOVELTY.test(text) ? 0.08 : 0);
	const likeness = 0.5 * cosine(own, wanted) + 0.3 * cosine(own, centre);
	return (0.5 * found) / total + likeness + cue - 0.2 * oddLength(words(text).length);
}

/** How far a number of words is from the usual, as a share of it. */
function oddLength(count: number): number {
	const { least, most } = USUAL_WORDS;
	return Math.max(0, 1 - count / least, count / most - 1);
}

/** Terms with their weights: how often they occur, dampened, times what they say in English. */
function weightsOf(all: readonly string[]): Map<string, number> {
	const counts = countOf(all);
	for (const [term, count] of counts) {
		counts.set(term, (1 + Math.log(count)) * backgroundIdf(term));
	}
	return counts;
}

/** Likeness of two weighted sets of terms, 0 to 1. */
function cosine(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
	let shared = 0;
	for (const [term, weight] of a) shared += weight * (b.get(term) ?? 0);
	return shared === 0 ? 0 : shared / (lengthOf(a) * lengthOf(b));
}

function lengthOf(weights: ReadonlyMap<string, number>): number {
	let sum = 0;
	for (const weight of weights.values()) sum += weight * weight;
	return Math.sqrt(sum);
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

function hasAny(present: ReadonlyMap<string, number>, wanted: ReadonlySet<string>): boolean {
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
