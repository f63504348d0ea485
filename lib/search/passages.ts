import { TextRanker } from './rank';
import { sentencesOf } from './sentences';
import type { NumberedHit } from './summarize';

/** A stretch of a source: `source.text.slice(start, end)`. */
export interface Passage {
	/** The number of its source. */
	n: number;
	text: string;
	start: number;
	end: number;
	/** How well it answers the question, 0 to 1; the best passage has 1. */
	score: number;
}

/** Longest passage, in characters, unless one sentence alone is longer. */
const MAX_CHARS = 700;
/** A longer sentence is no sentence; it is cut. */
const MAX_SENTENCE = 1500;
/** Passages of one source. */
const MAX_OF_ONE = 3;
/** How much the rank of its source counts for a passage. */
const SOURCE_SHARE = 0.2;

/**
 * The passages that answer a question best, from several sources, each some sentences that follow
 * each other, word for word.
 *
 * @returns best first, at most three of one source
 */
export function passagesOf(query: string, sources: readonly NumberedHit[], max: number): Passage[] {
	const all = sources.flatMap((source) =>
		stretchesOf(source.text).map((place) => ({ source, ...place })),
	);
	const texts = all.map(({ source, text }) => ({ title: source.title, text }));
	const scores = new TextRanker(texts).scores(query);
	const best = scores.reduce((most, score) => Math.max(most, score), 0);
	if (best === 0) return [];
	const ranked = all
		.map(({ source, ...place }, at) => ({
			n: source.n,
			...place,
			score: (1 - SOURCE_SHARE) * (scores[at]! / best) + SOURCE_SHARE * source.score,
		}))
		.filter((_, at) => scores[at]! > 0)
		.sort((a, b) => b.score - a.score || a.n - b.n || a.start - b.start);
	return atMostOfOne(ranked).slice(0, max);
}

function atMostOfOne(passages: readonly Passage[]): Passage[] {
	const taken = new Map<number, number>();
	return passages.filter(({ n }) => {
		taken.set(n, (taken.get(n) ?? 0) + 1);
		return taken.get(n)! <= MAX_OF_ONE;
	});
}

/** Sentences that follow each other, as many as fit into a passage. */
function stretchesOf(text: string): Array<{ text: string; start: number; end: number }> {
	const stretches: Array<{ text: string; start: number; end: number }> = [];
	for (const sentence of sentencesOf(text)) {
		const end = Math.min(sentence.end, sentence.start + MAX_SENTENCE);
		const last = stretches.at(-1);
		if (last !== undefined && end - last.start <= MAX_CHARS) last.end = end;
		else stretches.push({ text: '', start: sentence.start, end });
	}
	return stretches.map(({ start, end }) => ({ text: text.slice(start, end), start, end }));
}
