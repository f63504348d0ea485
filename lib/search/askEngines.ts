import { EngineError, errorClassOf, messageOf } from '../core';
import { fuse } from './fusion';
import type { HitList } from './fusion';
import { isRelevant } from './relevance';
import type { EngineHit, EngineReport } from './searchEngine';
import type { SearchPorts, SearchRequest } from './searchRequest';
import { expandedVariant, plainVariants } from './variants';
import type { QueryVariant } from './variants';

/** What the engines of one search said. */
export interface EngineAnswers {
	/** The wordings they were asked in. */
	variants: QueryVariant[];
	/** One list for each engine and wording that was answered. */
	lists: HitList[];
	/** How each engine did, in the order in which they were given. */
	engines: EngineReport[];
}

/**
 * Asks all engines at the same time, in several wordings, and then once more with the words of the
 * best hits. An engine that fails is reported and does not spoil the others.
 *
 * @throws {EngineError} `SEARCH_FAILED` when every engine failed, `ABORTED` when stopped
 */
export async function askEngines(
	request: SearchRequest,
	ports: SearchPorts,
): Promise<EngineAnswers> {
	const { query, maxVariants = 3 } = request;
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
	return { variants, lists: calls.lists, engines: calls.reports() };
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

/** Somebody asked the search to stop. */
export function abortError(): EngineError {
	return new EngineError('ABORTED', 'The search was cancelled.', { errorClass: 'abort' });
}
