import {
	SearchServices,
	arxivEngine,
	braveEngine,
	crossrefEngine,
	customEngine,
	documentsEngine,
	duckDuckGoEngine,
	exaEngine,
	firecrawlEngine,
	githubEngine,
	googleCseEngine,
	hackerNewsEngine,
	jinaEngine,
	marginaliaEngine,
	mwmblEngine,
	openAlexEngine,
	pubmedEngine,
	searxngEngine,
	semanticScholarEngine,
	serpApiEngine,
	serperEngine,
	stackExchangeEngine,
	tavilyEngine,
	wikipediaEngine,
} from '../../lib';
import type { CustomEngineOptions, SearchEngine } from '../../lib';
import { n8nRuntime } from '../shared/runtime';
import { documentsOf } from './documents';
import type { EngineName } from './engineList';
import type { EngineAccess, SearchKeys } from './keys';
import type { Parameters } from './parameters';

type Settings = Partial<Pick<Parameters, 'documents' | 'searxngUrl'>> & {
	options?: Pick<Parameters['options'], 'stackExchangeSite' | 'wikipediaLanguage'>;
};
type Maker = (access: EngineAccess, settings: Settings) => SearchEngine;

const MAKERS: Record<Exclude<EngineName, 'custom'>, Maker> = {
	arxiv: ({ http, service }) => arxivEngine(http, service),
	brave: ({ http, service }) => braveEngine(http, service),
	crossref: ({ http, service }) => crossrefEngine(http, service),
	documents: (_access, { documents }) => documentsEngine(documentsOf(documents)),
	duckDuckGo: ({ http, service }) => duckDuckGoEngine(http, service),
	exa: ({ http, service }) => exaEngine(http, service),
	firecrawl: ({ http, service, hasKey }) => firecrawlEngine(http, { ...service, keyless: !hasKey }),
	github: ({ http, service }) => githubEngine(http, service),
	googleCse: ({ http, service }) => googleCseEngine(http, service),
	hackerNews: ({ http, service }) => hackerNewsEngine(http, service),
	jina: ({ http, service }) => jinaEngine(http, service),
	marginalia: ({ http, service }) => marginaliaEngine(http, service),
	mwmbl: ({ http, service }) => mwmblEngine(http, service),
	openAlex: ({ http, service }) => openAlexEngine(http, service),
	pubmed: ({ http, service }) => pubmedEngine(http, service),
	searxng: ({ http }, { searxngUrl = '' }) => searxngEngine(http, { baseUrl: searxngUrl }),
	semanticScholar: ({ http, service }) => semanticScholarEngine(http, service),
	serpApi: ({ http, service }) => serpApiEngine(http, service),
	serper: ({ http, service }) => serperEngine(http, service),
	stackExchange: ({ http, service }, { options }) =>
		stackExchangeEngine(http, { ...service, site: options?.stackExchangeSite || undefined }),
	tavily: ({ http, service, hasKey }) => tavilyEngine(http, { ...service, keyless: !hasKey }),
	wikipedia: ({ http, service }, { options }) =>
		wikipediaEngine(http, { ...service, language: options?.wikipediaLanguage || undefined }),
};

/** For the whole process: the services count the calls of all workflows together. */
export const services = new SearchServices(n8nRuntime);

/** One engine that is not described by data, ready to be asked. */
export function engineOf(
	name: Exclude<EngineName, 'custom'>,
	access: EngineAccess,
	settings: Settings = {},
): SearchEngine {
	return MAKERS[name](access, settings);
}

/**
 * Engines ready to be asked.
 *
 * @throws {ValidationError} when one lacks its key, or a description of a custom one is wrong
 */
export function enginesOf(
	names: readonly EngineName[],
	settings: Settings & Pick<Parameters, 'customEngine' | 'options'>,
	keys: SearchKeys,
): SearchEngine[] {
	const { engineUrls, wikipediaApiUrl } = settings.options;
	const urls = { ...engineUrls, ...(wikipediaApiUrl ? { wikipedia: wikipediaApiUrl } : {}) };
	return names.flatMap((name) =>
		name === 'custom'
			? customEngines(settings.customEngine, keys)
			: [engineOf(name, keys.accessOf(name, urls[name]), settings)],
	);
}

/** One description, or a list of them. */
function customEngines(descriptions: unknown, keys: SearchKeys): SearchEngine[] {
	return [descriptions].flat().map((description) => {
		const options = description as CustomEngineOptions;
		const { http, service } = keys.accessOf('custom', String(options.url));
		return customEngine(http, options, service);
	});
}
