import { addUsage, noUsage } from '../core';
import type { Usage } from '../core';
import type { EngineAnswers } from './askEngines';
import type { FusedHit } from './fusion';
import { isProven } from './modelSummary';
import type { Passage } from './passages';
import { coverageOf } from './relevance';
import type { Coverage } from './relevance';
import type { EngineReport } from './searchEngine';
import type { CitedSentence, NumberedHit } from './summarize';

/** A source and the copies of it that were left out. */
export type NumberedSource = NumberedHit & { copies: FusedHit[] };

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
	/** Whether it is quoted from the page itself or from what an engine said about it. */
	evidence: 'engine' | 'page';
	/** Why its page could not be read; `null` when it could, or was not opened. */
	pageError: string | null;
	/** Whether the summary cites it. */
	cited: boolean;
	/** Copies of it that were left out. */
	duplicates: Array<{ url: string | null; title: string }>;
}

/** A passage with what its source says about itself. */
export type SearchPassage = Passage &
	Pick<SearchSource, 'url' | 'title' | 'publishedAt' | 'evidence'>;

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
	/** Stretches of the sources that answer best, word for word, when they were asked for. */
	passages: SearchPassage[];
	engines: EngineReport[];
	/** What models used, and what the calls of engines cost by their price lists. */
	usage: Usage;
	/** What did not go as asked for, in words. */
	warnings: string[];
	/** Share of the citations that bear out their sentence, 0 to 1; `null` without any. */
	citationPrecision: number | null;
	/** Share of the sentences that a citation bears out, 0 to 1; `null` without any. */
	citationCoverage: number | null;
	/** Which words of the question the cited sentences speak about. */
	coverage: Coverage;
	progress: 100;
	step_description: string;
}

/** What the last stages of a search found. */
export interface Findings {
	sources: readonly NumberedSource[];
	sentences: CitedSentence[];
	passages: readonly Passage[];
}

/** The result of a search, from what its stages found. */
export function reportOf(
	query: string,
	{ variants, engines, warnings, costUsd }: EngineAnswers,
	{ sources, sentences, passages }: Findings,
	usedByModels: Usage,
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
		passages: passages.map((passage) => withSource(passage, sources)),
		engines,
		usage: addUsage(usedByModels, { ...noUsage(), costUsd }),
		warnings,
		...citationShares(sentences),
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

function citationShares(
	sentences: readonly CitedSentence[],
): Pick<SearchReport, 'citationPrecision' | 'citationCoverage'> {
	const proven = sentences.filter(isProven);
	const cited = (all: readonly CitedSentence[]) =>
		all.reduce((sum, { citations }) => sum + citations.length, 0);
	const borneOut = proven.filter(({ citations }) => citations.length > 0);
	return {
		citationPrecision: share(cited(proven), cited(sentences)),
		citationCoverage: share(borneOut.length, sentences.length),
	};
}

function share(part: number, whole: number): number | null {
	return whole === 0 ? null : part / whole;
}

function listed(source: NumberedSource, cited: boolean): SearchSource {
	const { n, url, title, snippet, engines, score, publishedAt, evidence, pageError, copies } =
		source;
	return {
		n,
		url,
		title,
		snippet,
		engines,
		score: Math.round(score * 1000) / 1000,
		publishedAt,
		evidence,
		pageError,
		cited,
		duplicates: copies.map((copy) => ({ url: copy.url, title: copy.title })),
	};
}

function withSource(passage: Passage, sources: readonly NumberedSource[]): SearchPassage {
	const { url, title, publishedAt, evidence } = sources.find(({ n }) => n === passage.n)!;
	return {
		...passage,
		score: Math.round(passage.score * 1000) / 1000,
		url,
		title,
		publishedAt,
		evidence,
	};
}

/** "Sentence. [1] Another. [2][3] A third. [unverified]" */
function cite(sentences: readonly CitedSentence[]): string {
	return sentences
		.map((sentence) => {
			const numbers = sentence.citations.map((n) => `[${n}]`).join('');
			return `${sentence.text} ${numbers}${isProven(sentence) ? '' : '[unverified]'}`;
		})
		.join(' ');
}
