/** What hits have to be, besides being about the question. Everything may be left out. */
export interface SearchFilters {
	/** From when until when they were published, first and last day, `YYYY-MM-DD`. */
	dates?: { from: string; to: string };
	/** Their language: two letters, ISO 639-1, e.g. `de`. */
	language?: string;
	/** The country to search from: two letters, ISO 3166, e.g. `AT`. */
	region?: string;
	/** Only these domains and those below them. */
	includeDomains?: readonly string[];
	/** Not these domains nor those below them. */
	excludeDomains?: readonly string[];
	/** Phrases that must occur, word for word. */
	phrases?: readonly string[];
	/** Words that must not occur. */
	excludedWords?: readonly string[];
}

/** The kinds of filters; an engine says which of them it applies itself. */
export const FILTER_NAMES = ['dates', 'language', 'region', 'domains', 'words'] as const;

/** One of {@link FILTER_NAMES}. */
export type FilterName = (typeof FILTER_NAMES)[number];

/**
 * Who saw to a filter: the engine itself, the search by looking at the engine's results, or nobody,
 * because neither the engine nor its results tell.
 */
export type FilteredBy = 'engine' | 'results' | 'nobody';

/** Which kinds of filters are asked for. */
export function filtersAsked(filters: SearchFilters): FilterName[] {
	const any = (list: readonly string[] | undefined) => (list?.length ?? 0) > 0;
	const asked: Record<FilterName, boolean> = {
		dates: filters.dates !== undefined,
		language: filters.language !== undefined,
		region: filters.region !== undefined,
		domains: any(filters.includeDomains) || any(filters.excludeDomains),
		words: any(filters.phrases) || any(filters.excludedWords),
	};
	return FILTER_NAMES.filter((name) => asked[name]);
}

/** Whether the host of an address is one of some domains, or below one of them. */
export function isWithin(url: string | null, domains: readonly string[]): boolean {
	const host = URL.parse(url ?? '')?.hostname.replace(/\.$/, '');
	if (host === undefined) return false;
	return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}
