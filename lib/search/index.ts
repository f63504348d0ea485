export { canonicalUrl } from './canonicalUrl';
export { arxivEngine } from './engines/arxiv';
export { braveEngine } from './engines/brave';
export { crossrefEngine } from './engines/crossref';
export { customEngine } from './engines/custom';
export type { CustomEngineOptions } from './engines/custom';
export { DOCUMENTS_ENGINE, documentsEngine } from './engines/documents';
export type { SourceDocument } from './engines/documents';
export { duckDuckGoEngine } from './engines/duckDuckGo';
export { exaEngine } from './engines/exa';
export { firecrawlEngine } from './engines/firecrawl';
export type { FirecrawlOptions } from './engines/firecrawl';
export { githubEngine } from './engines/github';
export { googleCseEngine } from './engines/googleCse';
export type { GoogleCseOptions } from './engines/googleCse';
export { hackerNewsEngine } from './engines/hackerNews';
export type { ServiceOptions } from './engines/httpEngine';
export { jinaEngine } from './engines/jina';
export { marginaliaEngine } from './engines/marginalia';
export { mwmblEngine } from './engines/mwmbl';
export { openAlexEngine } from './engines/openAlex';
export { pubmedEngine } from './engines/pubmed';
export { searxngEngine } from './engines/searxng';
export type { SearxngOptions } from './engines/searxng';
export { semanticScholarEngine } from './engines/semanticScholar';
export { serpApiEngine } from './engines/serpApi';
export { serperEngine } from './engines/serper';
export { stackExchangeEngine } from './engines/stackExchange';
export type { StackExchangeOptions } from './engines/stackExchange';
export { tavilyEngine } from './engines/tavily';
export type { TavilyOptions } from './engines/tavily';
export { wikipediaEngine } from './engines/wikipedia';
export type { WikipediaOptions } from './engines/wikipedia';
export { extractArticle } from './extract/article';
export type { Article } from './extract/article';
export { FILTER_NAMES } from './filters';
export type { FilterName, FilteredBy, SearchFilters } from './filters';
export { RECENCIES } from './plan';
export type { RequestedFilters } from './plan';
export { isPublicAddress, isPublicUrl } from './publicAddress';
export { readPage } from './readPage';
export type { ReadPageOptions } from './readPage';
export type { UnprovenPolicy } from './modelSummary';
export type { Passage } from './passages';
export type { Coverage } from './relevance';
export type { SearchPassage, SearchReport, SearchSource } from './report';
export { search } from './search';
export type {
	EngineHit,
	EngineLimits,
	EngineQuery,
	EngineReport,
	SearchEngine,
} from './searchEngine';
export { Robots } from './robots';
export type { RobotsOptions } from './robots';
export { searchCache } from './searchCache';
export type { SearchCache, SearchCacheOptions } from './searchCache';
export type { SearchPorts, SearchRequest } from './searchRequest';
export { SearchServices } from './services';
export type { Service } from './services';
export type { CitedSentence } from './summarize';
export { TextRanker, type RankedText } from './rank';
export { Verifier, isVerbatim, verdictOf } from './verify';
export type { CheckedClaim, ClaimedQuote, ProvenQuote, QuotedSource, Verdict } from './verify';
