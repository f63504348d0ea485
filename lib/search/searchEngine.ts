import type { ErrorClass } from '../core';
import type { RateLimit } from '../resilience';
import type { FilterName, FilteredBy, SearchFilters } from './filters';

/** What one engine is asked. */
export interface EngineQuery {
	/** The words to look for. */
	text: string;
	/** How many hits at most. */
	limit: number;
	/** What the hits have to be; an engine applies those it can and says which these are. */
	filters?: SearchFilters;
	/** Ends the call; engines pass it on to their requests. */
	signal: AbortSignal;
	/** Time limit of each request, in milliseconds. */
	timeoutMs: number;
	/** To be called when a good answer asks for a pause before the next call, in milliseconds. */
	onPause?: (ms: number) => void;
}

/** How a service wants to be asked, and what it takes for it. */
export interface EngineLimits {
	/** Calls at the same time. Default 4. */
	maxConcurrent?: number;
	/** Calls in a time. Default: no limit but the pauses that it asks for. */
	rate?: readonly RateLimit[];
	/** What a call costs, in US dollars, by its price list and about. Default 0. */
	costUsd?: number;
}

/** One hit, as an engine returns it. Plain text only: no markup, no entities. */
export interface EngineHit {
	/** Address of the page; `null` when the source has none, such as a document of the input. */
	url: string | null;
	/** The work that it is, by its numbers; see `worksNamed`. Default: as its address says. */
	works?: readonly string[];
	/** Tells hits without an address apart; unique within the engine. */
	id?: string;
	title: string;
	/** A few sentences around the match. */
	snippet: string;
	/** More of the text, when the engine has it: what is quoted from. Default: the snippet. */
	text?: string;
	/** ISO 8601 date or time; `null` or left out when unknown. */
	publishedAt?: string | null;
}

/**
 * A place to search. The whole port: a name and one call.
 *
 * What must hold: hits come best first; finding nothing is an empty list, not an error; an answer
 * that is no answer (an error with status 200, a login page) throws; hits hold plain text.
 */
export interface SearchEngine {
	/** As users know it, e.g. `Wikipedia`. Unique within a search. */
	readonly name: string;
	/** In how many wordings it may be asked in one search, the question first. Default: in all. */
	readonly maxCalls?: number;
	/** The filters it applies itself; the others are applied to its hits. Default: none. */
	readonly filters?: readonly FilterName[];
	/**
	 * Names what it asks, address and account: engines with the same name share limits, pauses and
	 * circuit breaker. Never holds a secret. Default: it asks nobody, as one that searches texts does.
	 */
	readonly service?: string;
	readonly limits?: EngineLimits;

	/** @throws {EngineError} with the class that tells whether to try again */
	search(query: EngineQuery): Promise<EngineHit[]>;
}

/** How an engine did in one search, over all variants of the query. */
export interface EngineReport {
	name: string;
	/**
	 * `ok` with hits, `empty` without, `abandoned` when enough others had answered, `standby` when
	 * it was not needed, otherwise the kind of failure.
	 */
	status: 'ok' | 'empty' | 'abandoned' | 'standby' | ErrorClass;
	/** Hits over all variants, repeats included. */
	results: number;
	/** Calls that were made, those that failed included. */
	calls: number;
	/** Answers that were remembered from an earlier search. */
	cached: number;
	/** From the first call to the last answer, in milliseconds. */
	durationMs: number;
	/** What went wrong with the last failed call; `null` when every call was answered. */
	error: string | null;
	/** Who saw to the filters that were asked for. */
	filters: Partial<Record<FilterName, FilteredBy>>;
}
