import {
	customEngine,
	duckDuckGoEngine,
	githubEngine,
	hackerNewsEngine,
	searxngEngine,
	stackExchangeEngine,
	wikipediaEngine,
} from '../../../../../lib';
import type { EngineCase } from '../contract';

const page = (url: string) => ({
	index: 1,
	title: 'Tram',
	fullurl: url,
	extract: 'A tram runs on rails.\n\nIt is electric.',
	touched: '2026-01-01T00:00:00Z',
});

const wikipediaCase: EngineCase = {
	make: (http, origin) => wikipediaEngine(http, { apiUrl: `${origin}/w/api.php` }),
	asks: { gsrsearch: 'tram lines', gsrlimit: '3' },
	answer: { query: { pages: [page('https://en.wikipedia.org/wiki/Tram')] } },
	hits: [{ title: 'Tram', text: 'A tram runs on rails. It is electric.' }],
	empty: { batchcomplete: true },
	withUrl: (url) => ({ query: { pages: [page(url)] } }),
	errors: [
		{ answer: { error: { code: 'ratelimited', info: 'Slow down' } }, errorClass: 'rate_limit' },
	],
};

const story = (url: string | null) => ({
	objectID: '42',
	title: 'Tram lines',
	url,
	story_text: url === null ? '<p>Trams &amp; <i>lines</i>' : null,
	created_at: '2022-03-04T05:06:07Z',
});

const hackerNewsCase: EngineCase = {
	make: (http, origin) => hackerNewsEngine(http, { apiUrl: `${origin}/api/v1/search` }),
	asks: { query: 'tram lines', hitsPerPage: '3', tags: 'story' },
	narrows: { numericFilters: 'created_at_i>=1738281600,created_at_i<=1764633599' },
	answer: { hits: [story('https://example.org/trams'), story(null)], nbHits: 2 },
	hits: [
		{ url: 'https://example.org/trams', text: '', publishedAt: '2022-03-04T05:06:07Z' },
		{ url: 'https://news.ycombinator.com/item?id=42', text: 'Trams & lines' },
	],
	empty: { hits: [], nbHits: 0 },
	withUrl: (url) => ({ hits: [story(url)] }),
};

const question = (link: string) => ({
	link,
	title: 'How do &quot;trams&quot; turn?',
	body: '<p>They use <code>points</code>.</p><pre><code>a &lt; b</code></pre>',
	creation_date: 1_700_000_000,
});

const stackExchangeCase: EngineCase = {
	make: (http, origin) => stackExchangeEngine(http, { apiUrl: `${origin}/2.3/search/advanced` }),
	asks: { q: 'tram lines', pagesize: '3', site: 'stackoverflow', filter: 'withbody' },
	narrows: { fromdate: '1738281600', todate: '1764633599' },
	answer: { items: [question('https://stackoverflow.com/questions/1')], quota_remaining: 299 },
	hits: [
		{
			title: 'How do "trams" turn?',
			text: 'They use points. a < b',
			publishedAt: '2023-11-14T22:13:20.000Z',
		},
	],
	empty: { items: [], has_more: false },
	withUrl: (link) => ({ items: [question(link)] }),
};

const repository = (url: string) => ({
	html_url: url,
	full_name: 'example/trams',
	description: 'Simulates tram lines',
	updated_at: '2025-01-02T03:04:05Z',
});

const gitHubCase: EngineCase = {
	make: (http, origin) => githubEngine(http, { apiUrl: `${origin}/search/repositories` }),
	asks: { q: 'tram lines', per_page: '3' },
	narrows: { q: 'tram lines pushed:2025-01-31..2025-12-01' },
	answer: { total_count: 1, items: [repository('https://github.com/example/trams')] },
	hits: [
		{ title: 'example/trams', text: 'Simulates tram lines', publishedAt: '2025-01-02T03:04:05Z' },
	],
	empty: { total_count: 0, items: [] },
	withUrl: (url) => ({ items: [repository(url)] }),
};

const instant = (url: string, topics: unknown[] = []) => ({
	Heading: url === '' ? '' : 'Tram',
	AbstractText: url === '' ? '' : 'A tram runs on <b>rails</b>.',
	AbstractURL: url,
	Results: [],
	RelatedTopics: topics,
});

const duckDuckGoCase: EngineCase = {
	make: (http, origin) => duckDuckGoEngine(http, { apiUrl: origin }),
	asks: { q: 'tram lines', format: 'json' },
	answer: instant('https://en.wikipedia.org/wiki/Tram', [
		{ FirstURL: 'https://duckduckgo.com/Light_rail', Text: 'Light rail - A kind of tram' },
		{ Name: 'See also', Topics: [{ FirstURL: 'https://duckduckgo.com/Bus', Text: 'Bus' }] },
	]),
	hits: [
		{ title: 'Tram', text: 'A tram runs on rails.' },
		{ url: 'https://duckduckgo.com/Light_rail', text: 'Light rail - A kind of tram' },
		{ url: 'https://duckduckgo.com/Bus' },
	],
	empty: instant(''),
	withUrl: (url) => instant(url),
};

const result = (url: string) => ({
	url,
	title: 'Tram lines',
	content: 'Trams run on rails.',
	publishedDate: '2024-05-06T00:00:00',
});

const searXNGCase: EngineCase = {
	make: (http, origin) => searxngEngine(http, { baseUrl: `${origin}/` }),
	asks: { q: 'tram lines', format: 'json' },
	narrows: {
		q: 'tram lines "new line" -bus (site:a.org OR site:b.org) -site:c.org',
		language: 'de',
	},
	answer: { results: [result('https://example.org/1'), result('https://example.org/2')] },
	hits: [
		{ url: 'https://example.org/1', title: 'Tram lines', text: 'Trams run on rails.' },
		{ url: 'https://example.org/2' },
	],
	empty: { results: [], unresponsive_engines: [] },
	withUrl: (url) => ({ results: [result(url)] }),
	errors: [
		{
			answer: { results: [], unresponsive_engines: [['google', 'CAPTCHA']] },
			errorClass: 'server',
		},
	],
};

const CUSTOM = { results: 'data.items', link: 'link', text: 'summary.short' };
const item = (link: string) => ({ link, title: 'Tram', summary: { short: '<p>On rails</p>' } });

const customCase: EngineCase = {
	make: (http, origin) =>
		customEngine(http, { ...CUSTOM, url: origin, query: { q: '{{ query }}', n: '{{ limit }}' } }),
	asks: { q: 'tram lines', n: '3' },
	answer: { data: { items: [item('https://example.org/1'), 'odd'] } },
	hits: [{ url: 'https://example.org/1', title: 'Tram', text: 'On rails' }],
	empty: { data: { items: [] } },
	withUrl: (link) => ({ data: { items: [item(link)] } }),
	errors: [{ answer: { data: { items: 'none' } }, errorClass: 'bad_output' }],
};

export const generalCases: Record<string, EngineCase> = {
	Wikipedia: wikipediaCase,
	'Hacker News': hackerNewsCase,
	'Stack Exchange': stackExchangeCase,
	GitHub: gitHubCase,
	DuckDuckGo: duckDuckGoCase,
	SearXNG: searXNGCase,
	'a custom service, by GET': customCase,
};
