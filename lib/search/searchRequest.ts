import type { HttpClient, Runtime } from '../core';
import type { SearchEngine } from './searchEngine';

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
