import { identityOf } from './identity';
import { rankTexts } from './rank';
import type { EngineHit } from './searchEngine';
import { sentencesOf } from './sentences';

/** The hits of one engine for one variant of the query, best first. */
export interface HitList {
	engine: string;
	/** How much this list counts, 0 to 1. */
	weight: number;
	hits: readonly EngineHit[];
}

/** A page or document found by one or more engines. */
export interface FusedHit {
	url: string | null;
	title: string;
	/** What the engine said that named it first. */
	snippet: string;
	/** What may be quoted: the longest text any engine gave, and what others say beyond it. */
	text: string;
	publishedAt: string | null;
	/** Whether `text` is of the page itself or what an engine said about it. */
	evidence: 'engine' | 'page';
	/** Why its page could not be read; `null` when it could, or was not opened. */
	pageError: string | null;
	/** Engines that found it, in the order they are named first. */
	engines: string[];
	/** 0 to 1; the best hit has the highest. */
	score: number;
}

/**
 * Smooths the difference between the first ranks. 60, the usual choice, is right for engines over
 * one collection; engines that hardly overlap need the top rank to count (docs/swarm-search.md).
 */
const RANK_CONSTANT = 1;
/** Share of the engines' own ranking; the rest is what the texts themselves say. */
const RANK_SHARE = 0.2;

/**
 * One ranked list from many: the same page is merged, and ordered by where the engines put it
 * (reciprocal rank fusion) and by how well its own text fits the query.
 *
 * @see Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet", SIGIR 2009
 */
export function fuse(query: string, lists: readonly HitList[]): FusedHit[] {
	const merging = new Merging();
	for (const { engine, weight, hits } of lists) {
		hits.forEach((hit, rank) => {
			merging.add({ ...newHit(hit, engine), score: weight / (RANK_CONSTANT + rank + 1) }, [
				keyOf(engine, hit, rank),
				...(hit.works ?? []),
			]);
		});
	}
	const pool = [...merging.hits];
	const byRank = scaled(pool.map(({ score }) => score));
	const byText = scaled(rankTexts(query, pool));
	pool.forEach((hit, index) => {
		hit.score = RANK_SHARE * byRank[index]! + (1 - RANK_SHARE) * byText[index]!;
	});
	return spread(pool.sort((first, second) => second.score - first.score));
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

function keyOf(engine: string, hit: EngineHit, rank: number): string {
	const url = hit.url === null ? undefined : identityOf(hit.url);
	// Documents may share an address without being the same text.
	if (url !== undefined && hit.id === undefined) return url;
	return `${engine}:${hit.id ?? `${hit.title}:${rank}`}`;
}

function newHit(hit: EngineHit, engine: string): FusedHit {
	const { url, title, snippet, text = snippet, publishedAt = null } = hit;
	return {
		url,
		title,
		snippet,
		text,
		publishedAt,
		evidence: 'engine',
		pageError: null,
		engines: [engine],
		score: 0,
	};
}

/** Hits by all their names; those that share one are the same page or work. */
class Merging {
	readonly hits = new Set<FusedHit>();
	private readonly byName = new Map<string, FusedHit>();
	private readonly namesOf = new Map<FusedHit, string[]>();

	add(hit: FusedHit, names: readonly string[]): void {
		const known = new Set(names.flatMap((name) => this.byName.get(name) ?? []));
		const [first = hit, ...others] = known;
		for (const other of others) {
			merge(first, other);
			this.hits.delete(other);
			this.name(first, this.namesOf.get(other)!);
		}
		if (first !== hit) merge(first, hit);
		this.hits.add(first);
		this.name(first, names);
	}

	private name(hit: FusedHit, names: readonly string[]): void {
		for (const name of names) this.byName.set(name, hit);
		this.namesOf.set(hit, [...(this.namesOf.get(hit) ?? []), ...names]);
	}
}

function merge(into: FusedHit, hit: FusedHit): void {
	into.engines = [...new Set([...into.engines, ...hit.engines])];
	into.text = unitedText(into.text, hit.text);
	into.publishedAt ??= hit.publishedAt;
	into.score += hit.score;
}

/** Stands where a text leaves something out, so that no quote can reach across. */
const GAP = '[…]';

/** The longer of two texts, and the sentences of the other that it does not have. */
function unitedText(first: string, second: string): string {
	const [longer, shorter] = first.length >= second.length ? [first, second] : [second, first];
	if (longer.includes(shorter)) return longer;
	const more = sentencesOf(shorter).filter(({ text }) => !longer.includes(text));
	return [longer, ...more.map(({ text }) => text)].join(`\n\n${GAP}\n\n`);
}

/** Divided by the largest, so that the best is 1; all 0 when there is none. */
function scaled(scores: Iterable<number>): number[] {
	const all = [...scores];
	const best = all.reduce((most, score) => Math.max(most, score), 0);
	return all.map((score) => (best === 0 ? 0 : score / best));
}
