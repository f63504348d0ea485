import {
	braveEngine,
	exaEngine,
	firecrawlEngine,
	googleCseEngine,
	jinaEngine,
	marginaliaEngine,
	mwmblEngine,
	serpApiEngine,
	serperEngine,
	tavilyEngine,
} from '../../../../../lib';
import type { EngineCase } from '../contract';

const KEY = 'key-of-the-tests';
const SITES = 'tram lines "new line" -bus (site:a.org OR site:b.org) -site:c.org';
const RANGE = 'cdr:1,cd_min:1/31/2025,cd_max:12/1/2025';

const marginaliaResult = (url: string) => ({
	url,
	title: 'Tram &amp; rails',
	description: 'All about <b>trams</b>.',
	quality: 5.1,
	details: [[{ keyword: 'tram', count: 3, flagsUnstableAPI: [] }]],
});

const marginaliaCase: EngineCase = {
	make: (http, origin) => marginaliaEngine(http, { apiUrl: `${origin}/search` }),
	asks: { query: 'tram lines', count: '3' },
	sends: { 'api-key': 'public' },
	answer: { license: 'CC-BY-NC-SA', results: [marginaliaResult('https://example.org/trams')] },
	hits: [{ title: 'Tram & rails', text: 'All about trams.' }],
	empty: { results: [] },
	withUrl: (url) => ({ results: [marginaliaResult(url)] }),
};

const mwmblResult = (url: string) => ({
	url,
	title: [
		{ value: 'All ', is_bold: false },
		{ value: 'trams', is_bold: true },
	],
	extract: [
		{ value: 'Where ', is_bold: false },
		{ value: 'trams', is_bold: true },
		{ value: ' run.', is_bold: false },
	],
	source: 'mwmbl',
});

const mwmblCase: EngineCase = {
	make: (http, origin) => mwmblEngine(http, { apiUrl: `${origin}/api/v1/search/` }),
	asks: { s: 'tram lines' },
	answer: [mwmblResult('https://example.org/trams'), mwmblResult('https://example.org/2')],
	hits: [{ title: 'All trams', text: 'Where trams run.' }, { url: 'https://example.org/2' }],
	empty: [],
	withUrl: (url) => [mwmblResult(url)],
};

const tavilyAnswer = (url: string) => ({
	query: 'tram lines',
	answer: null,
	results: [
		{ url, title: 'Tram lines', content: 'Trams run on rails.', score: 0.9, raw_content: null },
	],
	response_time: 1.2,
	request_id: 'r1',
});

const tavilyCase: EngineCase = {
	make: (http, origin) => tavilyEngine(http, { apiUrl: `${origin}/search`, apiKey: KEY }),
	asksBody: { query: 'tram lines', max_results: 3 },
	sends: { authorization: `Bearer ${KEY}` },
	narrows: {
		query: 'tram lines "new line" -bus',
		start_date: '2025-01-31',
		end_date: '2025-12-01',
		include_domains: ['a.org', 'b.org'],
		exclude_domains: ['c.org'],
		country: 'austria',
	},
	answer: tavilyAnswer('https://example.org/trams'),
	hits: [{ url: 'https://example.org/trams', title: 'Tram lines', text: 'Trams run on rails.' }],
	empty: { query: 'tram lines', results: [] },
	withUrl: tavilyAnswer,
};

const tavilyKeylessCase: EngineCase = {
	...tavilyCase,
	make: (http, origin) => tavilyEngine(http, { apiUrl: `${origin}/search`, keyless: true }),
	sends: { 'x-tavily-access-mode': 'keyless' },
};

const firecrawlAnswer = (url: string) => ({
	success: true,
	data: { web: [{ url, title: 'Tram lines', description: 'Trams on rails.', position: 1 }] },
	creditsUsed: 2,
});

const firecrawlCase: EngineCase = {
	make: (http, origin) => firecrawlEngine(http, { apiUrl: `${origin}/v2/search`, apiKey: KEY }),
	asksBody: { query: 'tram lines', limit: 3, sources: ['web'] },
	sends: { authorization: `Bearer ${KEY}` },
	narrows: { query: SITES, tbs: RANGE, country: 'AT' },
	answer: firecrawlAnswer('https://example.org/trams'),
	hits: [{ url: 'https://example.org/trams', text: 'Trams on rails.' }],
	empty: { success: true, data: {} },
	withUrl: firecrawlAnswer,
	errors: [{ answer: { success: false, error: 'Search is down' }, errorClass: 'server' }],
};

const firecrawlKeylessCase: EngineCase = {
	...firecrawlCase,
	make: (http, origin) => firecrawlEngine(http, { apiUrl: `${origin}/v2/search` }),
	sends: {},
};

const braveAnswer = (url: string) => ({
	type: 'search',
	query: { original: 'tram lines', more_results_available: false },
	web: {
		type: 'search',
		results: [
			{
				url,
				title: 'Tram <strong>lines</strong>',
				description: 'Trams &amp; rails.',
				extra_snippets: ['Four lines are planned.'],
				page_age: '2025-03-04T05:06:07',
			},
		],
	},
});

const braveCase: EngineCase = {
	make: (http, origin) => braveEngine(http, { apiUrl: `${origin}/web/search`, apiKey: KEY }),
	asks: { q: 'tram lines', count: '3', result_filter: 'web' },
	sends: { 'x-subscription-token': KEY },
	narrows: {
		q: SITES,
		freshness: '2025-01-31to2025-12-01',
		search_lang: 'de',
		country: 'AT',
	},
	answer: braveAnswer('https://example.org/trams'),
	hits: [
		{
			title: 'Tram lines',
			text: 'Trams & rails. Four lines are planned.',
			publishedAt: '2025-03-04T05:06:07',
		},
	],
	empty: { type: 'search', query: { original: 'tram lines' } },
	withUrl: braveAnswer,
	errors: [
		{
			answer: { type: 'ErrorResponse', error: { code: 'INTERNAL', status: 500 } },
			errorClass: 'bad_output',
		},
	],
};

const exaAnswer = (url: string) => ({
	requestId: 'r1',
	results: [
		{
			id: url,
			url,
			title: 'Tram lines',
			publishedDate: '2025-02-03T00:00:00.000Z',
			author: '',
			text: 'Trams run on rails.',
		},
	],
	costDollars: { total: 0.005 },
});

const exaCase: EngineCase = {
	make: (http, origin) => exaEngine(http, { apiUrl: `${origin}/search`, apiKey: KEY }),
	asksBody: { query: 'tram lines', numResults: 3 },
	sends: { 'x-api-key': KEY },
	narrows: {
		includeDomains: ['a.org', 'b.org'],
		excludeDomains: ['c.org'],
		startPublishedDate: '2025-01-31T00:00:00.000Z',
		endPublishedDate: '2025-12-01T23:59:59.999Z',
		userLocation: 'AT',
	},
	answer: exaAnswer('https://example.org/trams'),
	hits: [{ text: 'Trams run on rails.', publishedAt: '2025-02-03T00:00:00.000Z' }],
	empty: { requestId: 'r1', results: [] },
	withUrl: exaAnswer,
};

const serperAnswer = (link: string) => ({
	searchParameters: { q: 'tram lines', type: 'search', engine: 'google' },
	organic: [{ title: 'Tram lines', link, snippet: 'Trams on rails.', date: '2025-01-02' }],
	credits: 1,
});

const serperCase: EngineCase = {
	make: (http, origin) => serperEngine(http, { apiUrl: `${origin}/search`, apiKey: KEY }),
	asksBody: { q: 'tram lines', num: 3 },
	sends: { 'x-api-key': KEY },
	narrows: { q: SITES, gl: 'at', hl: 'de', tbs: RANGE },
	answer: serperAnswer('https://example.org/trams'),
	hits: [{ title: 'Tram lines', text: 'Trams on rails.', publishedAt: '2025-01-02' }],
	empty: { searchParameters: { q: 'tram lines' }, organic: [], credits: 1 },
	withUrl: serperAnswer,
};

const serpApiAnswer = (link: string) => ({
	search_metadata: { id: 's1', status: 'Success' },
	organic_results: [{ position: 1, title: 'Tram lines', link, snippet: 'Trams on rails.' }],
});

const serpApiCase: EngineCase = {
	make: (http, origin) => serpApiEngine(http, { apiUrl: `${origin}/search.json`, apiKey: KEY }),
	asks: { engine: 'google', q: 'tram lines', num: '3', api_key: KEY },
	narrows: { q: SITES, gl: 'at', hl: 'de', tbs: RANGE },
	answer: serpApiAnswer('https://example.org/trams'),
	hits: [{ title: 'Tram lines', text: 'Trams on rails.' }],
	empty: {
		search_metadata: { status: 'Success' },
		error: "Google hasn't returned any results for this query.",
	},
	withUrl: serpApiAnswer,
	errors: [
		{ answer: { error: 'Your account has run out of searches.' }, errorClass: 'quota_exhausted' },
		{ answer: { error: 'We could not process your search.' }, errorClass: 'server' },
	],
};

const googleAnswer = (link: string) => ({
	kind: 'customsearch#search',
	items: [
		{
			title: 'Tram lines',
			link,
			snippet: 'Trams\u00a0on rails.',
			pagemap: { metatags: [{ 'article:published_time': '2025-04-05' }] },
		},
	],
});

const googleCase: EngineCase = {
	make: (http, origin) =>
		googleCseEngine(http, { apiUrl: `${origin}/customsearch/v1`, apiKey: KEY, engineId: 'cx1' }),
	asks: { q: 'tram lines', num: '3', key: KEY, cx: 'cx1' },
	narrows: { q: SITES, gl: 'at', lr: 'lang_de', sort: 'date:r:20250131:20251201' },
	answer: googleAnswer('https://example.org/trams'),
	hits: [{ title: 'Tram lines', text: 'Trams on rails.', publishedAt: '2025-04-05' }],
	empty: { kind: 'customsearch#search', searchInformation: { totalResults: '0' } },
	withUrl: googleAnswer,
};

const jinaAnswer = (url: string) => ({
	code: 200,
	status: 20000,
	data: [{ title: 'Tram lines', url, description: 'Trams on rails.', date: '2025-05-06' }],
});

const jinaCase: EngineCase = {
	make: (http, origin) => jinaEngine(http, { apiUrl: `${origin}/`, apiKey: KEY }),
	asks: { q: 'tram lines', num: '3', respondWith: 'no-content' },
	sends: { authorization: `Bearer ${KEY}` },
	narrows: { q: SITES, gl: 'AT', hl: 'de' },
	answer: jinaAnswer('https://example.org/trams'),
	hits: [{ title: 'Tram lines', text: 'Trams on rails.', publishedAt: '2025-05-06' }],
	empty: { code: 200, status: 20000, data: [] },
	withUrl: jinaAnswer,
};

export const webCases: Record<string, EngineCase> = {
	Marginalia: marginaliaCase,
	Mwmbl: mwmblCase,
	Tavily: tavilyCase,
	'Tavily without a key': tavilyKeylessCase,
	Firecrawl: firecrawlCase,
	'Firecrawl without a key': firecrawlKeylessCase,
	Brave: braveCase,
	Exa: exaCase,
	Serper: serperCase,
	SerpApi: serpApiCase,
	Google: googleCase,
	Jina: jinaCase,
};
