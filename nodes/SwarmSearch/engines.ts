import {
	SearchServices,
	arxivEngine,
	crossrefEngine,
	customEngine,
	documentsEngine,
	duckDuckGoEngine,
	githubEngine,
	hackerNewsEngine,
	openAlexEngine,
	pubmedEngine,
	searxngEngine,
	semanticScholarEngine,
	stackExchangeEngine,
	wikipediaEngine,
} from '../../lib';
import type { CustomEngineOptions, HttpClient, SearchEngine, ServiceOptions } from '../../lib';
import { n8nRuntime } from '../shared/runtime';
import { documentsOf } from './documents';
import type { Parameters } from './parameters';

type EngineName = Parameters['engines'][number];
type Settings = Pick<Parameters, 'documents' | 'searxngUrl' | 'customEngine' | 'options'>;
type Maker = (http: HttpClient, service: ServiceOptions, settings: Settings) => SearchEngine;

const MAKERS: Record<EngineName, Maker> = {
	arxiv: arxivEngine,
	crossref: crossrefEngine,
	custom: (http, service, { customEngine: description }) =>
		customEngine(http, description as CustomEngineOptions, service),
	documents: (_http, _service, { documents }) => documentsEngine(documentsOf(documents)),
	duckDuckGo: duckDuckGoEngine,
	github: githubEngine,
	hackerNews: hackerNewsEngine,
	openAlex: openAlexEngine,
	pubmed: pubmedEngine,
	searxng: (http, service, { searxngUrl = '' }) =>
		searxngEngine(http, { ...service, baseUrl: searxngUrl }),
	semanticScholar: semanticScholarEngine,
	stackExchange: (http, service, { options }) =>
		stackExchangeEngine(http, { ...service, site: options.stackExchangeSite || undefined }),
	wikipedia: (http, service, { options }) =>
		wikipediaEngine(http, {
			...service,
			language: options.wikipediaLanguage || undefined,
		}),
};

/** For the whole process: the services count the calls of all workflows together. */
export const services = new SearchServices(n8nRuntime);

/** The engines chosen for one item, ready to be asked. */
export function enginesOf(
	names: readonly EngineName[],
	settings: Settings,
	http: HttpClient,
): SearchEngine[] {
	const { engineUrls, wikipediaApiUrl } = settings.options;
	const urls = { ...engineUrls, ...(wikipediaApiUrl ? { wikipedia: wikipediaApiUrl } : {}) };
	return names.map((name) => MAKERS[name](http, { apiUrl: urls[name] }, settings));
}
