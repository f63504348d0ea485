import { mergedHits } from './merging';
import type { FusedHit, HitList } from './merging';
import { rankTexts } from './rank';
import { stretchesOf } from './stretches';

export type { FusedHit, HitList } from './merging';

/** Share of the engines' own ranking; the rest is what the texts themselves say. */
const RANK_SHARE = 0.2;

/**
 * One ranked list from many: the same page is merged, and ordered by where the engines put it
 * (reciprocal rank fusion) and by how well its own text fits the query.
 *
 * @see Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet", SIGIR 2009
 */
export function fuse(query: string, lists: readonly HitList[]): FusedHit[] {
	return ranked(query, mergedHits(lists));
}

/**
 * Hits in the order of their scores, which are set anew: by what the engines' rankings say and by
 * what is known of their texts by now. A long text counts by its best stretch.
 */
export function ranked(query: string, hits: readonly FusedHit[]): FusedHit[] {
	const stretches = hits.flatMap((hit, number) =>
		stretchesIn(hit.text).map((text) => ({ number, title: hit.title, text })),
	);
	const best = new Float64Array(hits.length);
	rankTexts(query, stretches).forEach((score, at) => {
		const { number } = stretches[at]!;
		best[number] = Math.max(best[number]!, score);
	});
	const byText = scaled(best);
	const byRank = scaled(hits.map(({ standing }) => standing));
	hits.forEach((hit, index) => {
		hit.score = RANK_SHARE * byRank[index]! + (1 - RANK_SHARE) * byText[index]!;
	});
	return spread([...hits].sort((first, second) => second.score - first.score));
}

/** Longest text that is ranked as a whole, in characters: that of an abstract, not of a page. */
const WHOLE_CHARS = 3000;

function stretchesIn(text: string): string[] {
	if (text.length <= WHOLE_CHARS) return [text];
	return stretchesOf(text).map((stretch) => stretch.text);
}

/** Hits of one host that count in full; the others make room for what other hosts say. */
const FULL_OF_HOST = 3;
const REST_OF_HOST = 0.85;

/** Sorted once more, with less weight for the fourth and further hits of a host. */
function spread(sorted: readonly FusedHit[]): FusedHit[] {
	const seen = new Map<string, number>();
	for (const hit of sorted) {
		const host = hit.url === null ? undefined : URL.parse(hit.url)?.hostname;
		if (host === undefined) continue;
		seen.set(host, (seen.get(host) ?? 0) + 1);
		if (seen.get(host)! > FULL_OF_HOST) hit.score *= REST_OF_HOST;
	}
	return [...sorted].sort((first, second) => second.score - first.score);
}

/** Divided by the largest, so that the best is 1; all 0 when there is none. */
function scaled(scores: Iterable<number>): number[] {
	const all = [...scores];
	const best = all.reduce((most, score) => Math.max(most, score), 0);
	return all.map((score) => (best === 0 ? 0 : score / best));
}
