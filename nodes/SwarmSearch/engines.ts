import {
	Pace,
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

/**
 * Least distance between two calls of a public service, in milliseconds. Those with 0 name no
 * distance, but may ask for a pause.
 */
const EVERY_MS: Partial<Record<EngineName, number>> = {
	arxiv: 3000,
	crossref: 0,
	duckDuckGo: 0,
	github: 6000,
	hackerNews: 0,
	openAlex: 0,
	pubmed: 350,
	semanticScholar: 1000,
	stackExchange: 0,
	wikipedia: 0,
};

const MAKERS: Record<EngineName, Maker> = {
	arxiv: arxivEngine,
	crossref: crossrefEngine,
	custom: (http, { pace }, { customEngine: description }) =>
		customEngine(http, description as CustomEngineOptions, { pace }),
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
const paces = new Map<EngineName, Pace>();

/** The engines chosen for one item, ready to be asked. */
export function enginesOf(
	names: readonly EngineName[],
	settings: Settings,
	http: HttpClient,
): SearchEngine[] {
	const { engineUrls, wikipediaApiUrl } = settings.options;
	const urls = { ...engineUrls, ...(wikipediaApiUrl ? { wikipedia: wikipediaApiUrl } : {}) };
	return names.map((name) => {
		const apiUrl = urls[name];
		const pace = apiUrl === undefined ? paceOf(name) : undefined;
		return MAKERS[name](http, { apiUrl, pace }, settings);
	});
}

function paceOf(name: EngineName): Pace | undefined {
	const everyMs = EVERY_MS[name];
	if (everyMs === undefined) return undefined;
	const pace = paces.get(name) ?? new Pace(everyMs, n8nRuntime);
	paces.set(name, pace);
	return pace;
}
