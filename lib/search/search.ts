import { EngineError, errorClassOf, messageOf, noUsage } from '../core';
import type { Runtime, Usage } from '../core';
import { duplicatesOf } from './duplicates';
import { fuse } from './fusion';
import type { FusedHit, HitList } from './fusion';
import { coverageOf, isRelevant } from './relevance';
import type { Coverage } from './relevance';
import type { EngineHit, EngineReport, SearchEngine } from './searchEngine';
import { summarize } from './summarize';
import type { CitedSentence, NumberedHit } from './summarize';
import { expandedVariant, plainVariants } from './variants';
import type { QueryVariant } from './variants';

/** What to search, and how much of it. */
export interface SearchRequest {
	query: string;
	/** Ways to ask, the question itself included: 1 to 3. Default 3. */
	maxVariants?: number;
	/** Hits an engine is asked for, each time. Default 10. */
	resultsPerEngine?: number;
	/** Sources in the result. Default 10. */
	maxSources?: number;
	/** Sentences in the summary. Default 5. */
	maxSentences?: number;
	/** Time limit of each call of an engine, in milliseconds. Default 8000. */
	timeoutMs?: number;
}

/** What a search needs from outside. */
export interface SearchPorts {
	/** Asked at the same time. */
	engines: readonly SearchEngine[];
	runtime: Pick<Runtime, 'monotonic'>;
	/** Stops the search. Default: nothing does. */
	signal?: AbortSignal;
	/** Told what is being done, in words, and how far it is, 0 to 100. */
	onProgress?: (progress: number, description: string) => void;
}

/** A source as the result lists it. */
export interface SearchSource {
	/** The number citations name. */
	n: number;
	url: string | null;
	title: string;
	snippet: string;
	/** Engines that found it. */
	engines: string[];
	/** 0 to 1. */
	score: number;
	/** ISO 8601; `null` when unknown. */
	publishedAt: string | null;
	/** Whether the summary cites it. */
	cited: boolean;
	/** Copies of it that were left out. */
	duplicates: Array<{ url: string | null; title: string }>;
}

/** The result of a search. The names are the product's API. */
export interface SearchReport {
	/** `partial` when an engine failed, `no_evidence` when nothing found speaks about the question. */
	status: 'completed' | 'partial' | 'no_evidence';
	query: string;
	variant_queries: string[];
	/** Sentences with the numbers of their sources in brackets; or one that says nothing was found. */
	summary: string;
	sentences: CitedSentence[];
	sources: SearchSource[];
	engines: EngineReport[];
	usage: Usage;
	/** Which words of the question the cited sentences speak about. */
	coverage: Coverage;
	progress: 100;
	step_description: string;
}

/**
 * Asks all engines at the same time, in several wordings, and answers with sentences quoted word
 * for word from what they found, each with the numbers of its sources.
 *
 * An engine that fails is reported and does not spoil the others.
 *
 * @throws {EngineError} `SEARCH_FAILED` when every engine failed, `ABORTED` when stopped
 */
export async function search(request: SearchRequest, ports: SearchPorts): Promise<SearchReport> {
	const { query, maxVariants = 3, maxSources = 10, maxSentences = 5 } = request;
	const progress = ports.onProgress ?? (() => undefined);
	const calls = new EngineCalls(request, ports);

	progress(10, 'Asking the search engines');
	const variants = plainVariants(query, maxVariants);
	await calls.ask(variants);
	const expanded =
		variants.length < maxVariants ? expandedVariant(query, calls.bestHits(query)) : undefined;
	if (expanded !== undefined) {
		progress(40, 'Asking again with the words of the best hits');
		variants.push(expanded);
		await calls.ask([expanded]);
	}
	calls.throwIfAllFailed();

	progress(70, 'Ranking the results and removing copies');
	const sources = distinctSources(query, calls.lists, maxSources);
	progress(90, 'Choosing the sentences and checking their citations');
	const sentences = summarize(query, sources, maxSentences);
	return reportOf(query, variants, sources, sentences, calls.reports());
}

/** All calls to the engines of one search, and what came of them. */
class EngineCalls {
	readonly lists: HitList[] = [];
	private readonly outcomes: Array<{ calls: number; hits: number; failure?: unknown }>;
	private readonly startedAt: number;
	private readonly endedAt: number[];

	constructor(
		private readonly request: SearchRequest,
		private readonly ports: SearchPorts,
	) {
		this.startedAt = ports.runtime.monotonic();
		this.outcomes = ports.engines.map(() => ({ calls: 0, hits: 0 }));
		this.endedAt = ports.engines.map(() => this.startedAt);
	}

	/** Asks every engine in every wording, all at the same time. */
	async ask(variants: readonly QueryVariant[]): Promise<void> {
		const calls = variants.flatMap((variant) =>
			this.ports.engines.flatMap((engine, index) => {
				if (this.outcomes[index]!.calls >= (engine.maxCalls ?? Infinity)) return [];
				this.outcomes[index]!.calls++;
				return [this.call(index, variant)];
			}),
		);
		const lists = await Promise.all(calls);
		this.lists.push(...lists.filter((list) => list !== undefined));
		if (this.ports.signal?.aborted) await Promise.reject(abortError());
	}

	private async call(index: number, variant: QueryVariant): Promise<HitList | undefined> {
		const engine = this.ports.engines[index]!;
		const { resultsPerEngine = 10, timeoutMs = 8000 } = this.request;
		const outcome = this.outcomes[index]!;
		try {
			const signal = this.ports.signal ?? new AbortController().signal;
			const hits = await engine.search({
				text: variant.text,
				limit: resultsPerEngine,
				signal,
				timeoutMs,
			});
			outcome.hits += hits.length;
			return { engine: engine.name, weight: variant.weight, hits };
		} catch (error) {
			outcome.failure = error;
			return undefined;
		} finally {
			this.endedAt[index] = this.ports.runtime.monotonic();
		}
	}

	/** The hits so far, best first. */
	bestHits(query: string): EngineHit[] {
		return fuse(query, this.lists).filter((hit) => isRelevant(query, `${hit.title} ${hit.text}`));
	}

	throwIfAllFailed(): void {
		if (this.lists.length > 0 || this.outcomes.length === 0) return;
		const causes = this.reports().map(({ name, error }) => `${name}: ${error ?? 'no answer'}`);
		throw new EngineError('SEARCH_FAILED', `No search engine answered. ${causes.join(' ')}`, {
			errorClass: errorClassOf(this.outcomes[0]!.failure),
			hint: 'Check the network and the engines chosen, or add another engine.',
			details: { engines: this.reports() },
		});
	}

	reports(): EngineReport[] {
		return this.ports.engines.map(({ name }, index) => {
			const { hits, failure } = this.outcomes[index]!;
			const unanswered = failure !== undefined && hits === 0;
			return {
				name,
				status: unanswered ? errorClassOf(failure) : hits > 0 ? 'ok' : 'empty',
				results: hits,
				durationMs: Math.round(this.endedAt[index]! - this.startedAt),
				error: failure === undefined ? null : messageOf(failure),
			};
		});
	}
}

function abortError(): EngineError {
	return new EngineError('ABORTED', 'The search was cancelled.', { errorClass: 'abort' });
}

/** The relevant sources, numbered, best first, with their copies folded into them. */
function distinctSources(
	query: string,
	lists: readonly HitList[],
	max: number,
): Array<NumberedHit & { copies: FusedHit[] }> {
	const relevant = fuse(query, lists).filter(({ title, text }) =>
		isRelevant(query, `${title} ${text}`),
	);
	const duplicateOf = duplicatesOf(relevant.map(({ text }) => text));
	return relevant
		.map((hit, index) => ({
			hit,
			copies: relevant.filter((_, other) => duplicateOf[other] === index),
			isCopy: duplicateOf[index] !== undefined,
		}))
		.filter(({ isCopy }) => !isCopy)
		.slice(0, max)
		.map(({ hit, copies }, index) => ({ ...hit, copies, n: index + 1 }));
}

function reportOf(
	query: string,
	variants: readonly QueryVariant[],
	sources: ReadonlyArray<NumberedHit & { copies: FusedHit[] }>,
	sentences: CitedSentence[],
	engines: EngineReport[],
): SearchReport {
	const cited = new Set(sentences.flatMap(({ citations }) => citations));
	const failed = engines.filter(({ error }) => error !== null);
	const found = sentences.length > 0;
	return {
		status: found ? (failed.length > 0 ? 'partial' : 'completed') : 'no_evidence',
		query,
		variant_queries: variants.map(({ text }) => text),
		summary: found ? cite(sentences) : `Nothing was found that answers "${query}".`,
		sentences,
		sources: sources.map((source) => listed(source, cited.has(source.n))),
		engines,
		usage: noUsage(),
		coverage: coverageOf(
			query,
			sentences.map(({ text }) => text),
		),
		progress: 100,
		step_description: found
			? `Cited ${cited.size} of ${sources.length} sources`
			: 'No source speaks about the question',
	};
}

function listed(source: NumberedHit & { copies: FusedHit[] }, cited: boolean): SearchSource {
	const { n, url, title, snippet, engines, score, publishedAt, copies } = source;
	return {
		n,
		url,
		title,
		snippet,
		engines,
		score: Math.round(score * 1000) / 1000,
		publishedAt,
		cited,
		duplicates: copies.map((copy) => ({ url: copy.url, title: copy.title })),
	};
}

/** "Sentence. [1] Another. [2][3]" */
function cite(sentences: readonly CitedSentence[]): string {
	return sentences
		.map(({ text, citations }) => `${text} ${citations.map((n) => `[${n}]`).join('')}`)
		.join(' ');
}
