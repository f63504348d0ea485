import { TextRanker } from './rank';
import { stretchesOf } from './stretches';
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
