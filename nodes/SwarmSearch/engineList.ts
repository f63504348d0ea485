import type { INodePropertyOptions } from 'n8n-workflow';

/** Every engine by its value, as the panel shows it. */
const ENGINES = {
	arxiv: ['arXiv', 'Preprints with abstracts; needs no key'],
	brave: ['Brave', "The web, by an index of Brave's own; needs a key"],
	crossref: ['Crossref', 'Scholarly works of all fields; needs no key'],
	custom: ['Custom', 'Any search services that answer with JSON'],
	duckDuckGo: [
		'DuckDuckGo',
		'Instant answers about well-known things, not the whole web; needs no key',
	],
	exa: ['Exa', 'The web by meaning, with the text of pages; needs a key'],
	firecrawl: ['Firecrawl', 'The web; works without a key, within a small daily allowance'],
	github: ['GitHub', 'Public repositories; needs no key'],
	googleCse: [
		'Google',
		'The web, by a Programmable Search Engine; needs a key, and ends on 2027-01-01',
	],
	hackerNews: ['Hacker News', 'Stories; needs no key'],
	documents: ['Input Documents', 'Documents that the workflow already has; nothing leaves n8n'],
	jina: ['Jina', 'The web; needs a key'],
	marginalia: ['Marginalia', 'Small, text-heavy sites; needs no key, but is often busy'],
	mwmbl: ['Mwmbl', 'A small index of the web; needs no key'],
	openAlex: ['OpenAlex', 'Scholarly works with abstracts; without a key only a few searches a day'],
	pubmed: ['PubMed', 'Medical literature with abstracts; needs no key'],
	searxng: ['SearXNG', 'The web, by an instance of your own'],
	semanticScholar: ['Semantic Scholar', 'Papers with abstracts; needs no key, but is often busy'],
	serpApi: ['SerpApi', "Google's results; needs a key"],
	serper: ['Serper', "Google's results; needs a key"],
	stackExchange: ['Stack Exchange', 'Questions of Stack Overflow or another site; needs no key'],
	tavily: ['Tavily', 'The web, with longer texts; works without a key, within a small allowance'],
	wikipedia: ['Wikipedia', 'The introductions of articles; needs no key'],
} as const;

/** The value of an engine in the panel. */
export type EngineName = keyof typeof ENGINES;

/** The values of all engines. */
export const ENGINE_NAMES = Object.keys(ENGINES) as [EngineName, ...EngineName[]];

/** Engines that have fields of their own in the panel. */
export const WITH_FIELDS: readonly EngineName[] = ['custom', 'documents', 'searxng'];

/** Engines that can only be asked with a key. */
export const NEED_KEY: readonly EngineName[] = [
	'brave',
	'exa',
	'googleCse',
	'jina',
	'serpApi',
	'serper',
];

/** Engines that may be asked with a key. */
export const TAKE_KEY: readonly EngineName[] = [
	...NEED_KEY,
	'custom',
	'firecrawl',
	'github',
	'marginalia',
	'openAlex',
	'pubmed',
	'semanticScholar',
	'stackExchange',
	'tavily',
];

/** What people call an engine. */
export function nameOf(engine: EngineName): string {
	return ENGINES[engine][0];
}

/** Engines as choices of a field, by their names. */
export function engineOptions(
	isOffered: (engine: EngineName) => boolean = () => true,
): INodePropertyOptions[] {
	return ENGINE_NAMES.filter(isOffered).map((value) => {
		const [name, description] = ENGINES[value];
		return { name, value, description };
	});
}
