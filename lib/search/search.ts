import { EngineError, errorClassOf, messageOf } from '../core';
import type { HttpClient, Runtime } from '../core';
import { duplicatesOf } from './duplicates';
import { fuse } from './fusion';
import type { FusedHit, HitList } from './fusion';
import { readPages } from './readPages';
import { isRelevant } from './relevance';
import { reportOf } from './report';
import type { NumberedSource, SearchReport } from './report';
import type { EngineHit, EngineReport, SearchEngine } from './searchEngine';
import { summarize } from './summarize';
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
	/** Pages of the best hits to open and quote from. Default 0: only what engines say is quoted. */
	maxPages?: number;
	/** Opens pages outside the public internet as well. Default false. */
	allowPrivatePages?: boolean;
	/** Time limit of each call of an engine and of each page, in milliseconds. Default 8000. */
	timeoutMs?: number;
}

/** What a search needs from outside. */
export interface SearchPorts {
	/** Asked at the same time. */
	engines: readonly SearchEngine[];
	runtime: Pick<Runtime, 'monotonic'>;
	/** Opens pages. Needed when there are pages to open. */
	http?: HttpClient;
	/** Stops the search. Default: nothing does. */
	signal?: AbortSignal;
	/** Told what is being done, in words, and how far it is, 0 to 100. */
	onProgress?: (progress: number, description: string) => void;
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

	const pool = fuse(query, calls.lists);
	await readBestPages(pool, request, ports);
	progress(70, 'Ranking the results and removing copies');
	const sources = distinctSources(query, pool, maxSources);
	progress(90, 'Choosing the sentences and checking their citations');
	const sentences = summarize(query, sources, maxSentences);
	return reportOf(query, variants, sources, sentences, calls.reports());
}

async function readBestPages(
	pool: readonly FusedHit[],
	{ maxPages = 0, allowPrivatePages, timeoutMs = 8000 }: SearchRequest,
	{ http, signal = new AbortController().signal, onProgress }: SearchPorts,
): Promise<void> {
	if (maxPages === 0 || http === undefined) return;
	onProgress?.(60, 'Reading the pages of the best results');
	const allowPrivate = allowPrivatePages;
	await readPages(pool, maxPages, { http, signal, timeoutMs, allowPrivate });
	if (signal.aborted) await Promise.reject(abortError());
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
function distinctSources(query: string, pool: readonly FusedHit[], max: number): NumberedSource[] {
	const relevant = pool.filter(({ title, text }) => isRelevant(query, `${title} ${text}`));
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
