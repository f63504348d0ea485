import { identityOf } from './identity';
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
	/** What the engines' own rankings say, 0 and up. */
	standing: number;
	/** 0 to 1; the best hit has the highest. */
	score: number;
}

/**
 * Smooths the difference between the first ranks. 60, the usual choice, is right for engines over
 * one collection; engines that hardly overlap need the top rank to count (docs/swarm-search.md).
 */
const RANK_CONSTANT = 1;

/**
 * The hits of all engines, each page or work once, in no order; their standings are sums over the
 * lists (reciprocal rank fusion).
 *
 * @see Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet", SIGIR 2009
 */
export function mergedHits(lists: readonly HitList[]): FusedHit[] {
	const merging = new Merging();
	for (const { engine, weight, hits } of lists) {
		hits.forEach((hit, rank) => {
			merging.add({ ...newHit(hit, engine), standing: weight / (RANK_CONSTANT + rank + 1) }, [
				keyOf(engine, hit, rank),
				...(hit.works ?? []),
			]);
		});
	}
	return [...merging.hits];
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
		standing: 0,
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
	into.standing += hit.standing;
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
