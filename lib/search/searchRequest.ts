import type { HttpClient, Runtime } from '../core';
import type { ModelSession } from '../llm';
import type { UnprovenPolicy } from './modelSummary';
import type { RequestedFilters } from './plan';
import type { SearchCache } from './searchCache';
import type { SearchEngine } from './searchEngine';
import type { SearchServices } from './services';

/** What to search, and how much of it. */
export interface SearchRequest {
	query: string;
	/** What the results have to be, besides what operators in the query say. Default: anything. */
	filters?: RequestedFilters;
	/** Who finds other wordings: `words` of the question and of the best hits, or the `model`. Default `words`. */
	variantsBy?: 'words' | 'model';
	/** The answer is there after this time, with what was found until then, in milliseconds. Default: no deadline. */
	deadlineMs?: number;
	/** Waits for no more engines once so many have brought results. Default: waits for all. */
	enoughEngines?: number;
	/** Attempts of each call of an engine. Default 2. */
	attemptsPerEngine?: number;
	/** Calls of engines over a network in all, retries included. Default: no limit. */
	maxCalls?: number;
	/** What the calls may cost in all by the price lists of the engines, in US dollars. Default: no limit. */
	maxCostUsd?: number;
	/** Ways to ask, the question itself included: 1 to 3. Default 3. */
	maxVariants?: number;
	/** Hits an engine is asked for, each time. Default 10. */
	resultsPerEngine?: number;
	/** Sources in the result. Default 10. */
	maxSources?: number;
	/** Sentences in the summary. Default 5. */
	maxSentences?: number;
	/** Who writes the summary: sentences of the sources as they stand, or the `model`. Default `quotes`. */
	summaryBy?: 'quotes' | 'model';
	/** What becomes of sentences of the model that their quotes do not bear out. Default `drop`. */
	unproven?: UnprovenPolicy;
	/** Passages of the sources in the result. Default 0. */
	maxPassages?: number;
	/** Pages of the best hits to open and quote from. Default 0: only what engines say is quoted. */
	maxPages?: number;
	/** Opens pages outside the public internet as well. Default false. */
	allowPrivatePages?: boolean;
	/** Leaves pages unread that the `robots.txt` of their site closes. Default false. */
	respectRobots?: boolean;
	/** Time limit of each call of an engine and of each page, in milliseconds. Default 8000. */
	timeoutMs?: number;
}

/** What a search needs from outside. */
export interface SearchPorts {
	/** Asked at the same time. */
	engines: readonly SearchEngine[];
	/** Asked in the place of engines that fail or are slow, in this order. Default: none. */
	standby?: readonly SearchEngine[];
	/** What all searches know of the services they ask. Default: nothing is shared. */
	services?: SearchServices;
	/** Remembers answers of engines. Default: none are. */
	cache?: SearchCache;
	/** Writes other wordings and the summary, where it is asked to. Default: nobody does. */
	model?: ModelSession;
	runtime: Pick<Runtime, 'monotonic' | 'now' | 'random' | 'setTimer' | 'sleep'>;
	/** Opens pages. Needed when there are pages to open. */
	http?: HttpClient;
	/** Stops the search. Default: nothing does. */
	signal?: AbortSignal;
	/** Told what is being done, in words, and how far it is, 0 to 100. */
	onProgress?: (progress: number, description: string) => void;
	/** Told the wordings, whenever there are more. */
	onVariants?: (variants: readonly string[]) => void;
}
