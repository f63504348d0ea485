import { noUsage } from '../core';
import { askEngines, throwIfStopped } from './askEngines';
import { duplicatesOf } from './duplicates';
import { fuse, ranked } from './fusion';
import type { FusedHit } from './fusion';
import { modelSummary } from './modelSummary';
import { passagesOf } from './passages';
import { planSearch } from './plan';
import { readPages } from './readPages';
import { isRelated, isRelevant } from './relevance';
import { reportOf } from './report';
import type { NumberedSource, SearchReport } from './report';
import { Robots } from './robots';
import { SearchClock } from './searchClock';
import type { SearchPorts, SearchRequest } from './searchRequest';
import { summarize } from './summarize';
import type { CitedSentence } from './summarize';

/**
 * Asks all engines at the same time, in several wordings, and answers with sentences quoted word
 * for word from what they found, each with the numbers of its sources.
 *
 * An engine that fails is reported and does not spoil the others.
 *
 * @throws {EngineError} `SEARCH_FAILED` when every engine failed, `ABORTED` when stopped
 */
export async function search(request: SearchRequest, ports: SearchPorts): Promise<SearchReport> {
	const { maxSources = 10 } = request;
	const progress = ports.onProgress ?? (() => undefined);
	const clock = new SearchClock(ports.runtime, request.deadlineMs);
	const plan = planSearch(request.query, request.filters ?? {}, ports.runtime);
	const query = plan.text;
	const answers = await askEngines(plan, request, ports, clock);

	const pool = fuse(query, answers.lists);
	const read = await withBestPages(query, pool, request, ports, clock);
	progress(70, 'Ranking the results and removing copies');
	const sources = distinctSources(query, read, maxSources);
	progress(90, 'Choosing the sentences and checking their citations');
	const quotable = sources.filter(({ title, text }) => isRelevant(query, `${title} ${text}`));
	const { sentences, warnings } = await summaryOf(query, quotable, request, ports, clock);
	const { usage } = ports.model?.report() ?? { usage: noUsage() };
	const passages = passagesOf(query, quotable, request.maxPassages ?? 0);
	return reportOf(
		request.query,
		{ ...answers, warnings: [...answers.warnings, ...warnings] },
		{ sources, sentences, passages },
		usage,
	);
}

/** Share of the whole time after which the model is not waited for. */
const SUMMARY_SHARE = 0.97;

/** The sentences of the summary, by the model when it is asked for, and what went wrong with it. */
async function summaryOf(
	query: string,
	quotable: readonly NumberedSource[],
	{ maxSentences = 5, summaryBy, unproven }: SearchRequest,
	{ model, signal, onProgress }: SearchPorts,
	clock: SearchClock,
): Promise<{ sentences: CitedSentence[]; warnings: string[] }> {
	const byQuotes = () => summarize(query, quotable, maxSentences);
	if (summaryBy !== 'model') return { sentences: byQuotes(), warnings: [] };
	if (model === undefined) return { sentences: byQuotes(), warnings: [NO_MODEL] };
	onProgress?.(92, 'Letting the model write the summary');
	const stage = clock.stage(SUMMARY_SHARE, signal);
	const written = await modelSummary(query, quotable, { model, stage, maxSentences, unproven });
	stage.end();
	throwIfStopped(signal);
	return typeof written === 'string'
		? { sentences: byQuotes(), warnings: [written] }
		: { sentences: written, warnings: [] };
}

const NO_MODEL = 'The summary is made of quotes: no model is attached that could write it.';

/** Share of the whole time after which no page is waited for. */
const PAGES_SHARE = 0.85;

/** Hits that are ranked anew: more than are shown, and few, since ranking looks at every word. */
const RERANKED = 60;

/** The hits, the best of them ranked anew by their pages where some were opened. */
async function withBestPages(
	query: string,
	pool: readonly FusedHit[],
	{ maxPages = 0, allowPrivatePages: allowPrivate, respectRobots, timeoutMs = 8000 }: SearchRequest,
	{ http, signal, onProgress }: SearchPorts,
	clock: SearchClock,
): Promise<readonly FusedHit[]> {
	if (maxPages === 0 || http === undefined) return pool;
	onProgress?.(60, 'Reading the pages of the best results');
	const stage = clock.stage(PAGES_SHARE, signal);
	const options = { http, signal: stage.signal, timeoutMs, allowPrivate };
	const robots = respectRobots === true ? new Robots(options) : undefined;
	await Promise.race([readPages(pool, maxPages, { ...options, robots }), stage.over]);
	stage.end();
	throwIfStopped(signal);
	const first = ranked(query, pool.slice(0, RERANKED));
	const lowest = first.at(-1)?.score ?? 0;
	const rest = pool.slice(RERANKED).map((hit) => ({ ...hit, score: Math.min(hit.score, lowest) }));
	return [...first, ...rest];
}

/** Hits that have to do with the question, numbered, best first, their copies folded into them. */
function distinctSources(query: string, pool: readonly FusedHit[], max: number): NumberedSource[] {
	const related = pool.filter(({ title, text }) => isRelated(query, `${title} ${text}`));
	const duplicateOf = duplicatesOf(related.map(({ text }) => text));
	return related
		.map((hit, index) => ({
			hit,
			copies: related.filter((_, other) => duplicateOf[other] === index),
			isCopy: duplicateOf[index] !== undefined,
		}))
		.filter(({ isCopy }) => !isCopy)
		.slice(0, max)
		.map(({ hit, copies }, index) => ({ ...hit, copies, n: index + 1 }));
}
