import { abortError, askEngines } from './askEngines';
import { duplicatesOf } from './duplicates';
import { fuse } from './fusion';
import type { FusedHit } from './fusion';
import { readPages } from './readPages';
import { isRelevant } from './relevance';
import { reportOf } from './report';
import type { NumberedSource, SearchReport } from './report';
import type { SearchPorts, SearchRequest } from './searchRequest';
import { summarize } from './summarize';

/**
 * Asks all engines at the same time, in several wordings, and answers with sentences quoted word
 * for word from what they found, each with the numbers of its sources.
 *
 * An engine that fails is reported and does not spoil the others.
 *
 * @throws {EngineError} `SEARCH_FAILED` when every engine failed, `ABORTED` when stopped
 */
export async function search(request: SearchRequest, ports: SearchPorts): Promise<SearchReport> {
	const { query, maxSources = 10, maxSentences = 5 } = request;
	const progress = ports.onProgress ?? (() => undefined);
	const { variants, lists, engines } = await askEngines(request, ports);

	const pool = fuse(query, lists);
	await readBestPages(pool, request, ports);
	progress(70, 'Ranking the results and removing copies');
	const sources = distinctSources(query, pool, maxSources);
	progress(90, 'Choosing the sentences and checking their citations');
	const sentences = summarize(query, sources, maxSentences);
	return reportOf(query, variants, sources, sentences, engines);
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
