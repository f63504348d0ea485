import { SwarmSearch } from '../../../nodes/SwarmSearch/SwarmSearch.node';
import { closeStores } from '../../../nodes/shared/store';
import { chain, node, runWorkflow, start } from '../../harness';
import { serve } from '../../lib/host/server';
import type { LoopbackServer } from '../../lib/host/server';

const ENGINES = [
	'arxiv',
	'crossref',
	'duckDuckGo',
	'github',
	'hackerNews',
	'openAlex',
	'pubmed',
	'semanticScholar',
	'stackExchange',
	'wikipedia',
];

describe('the engines of Swarm Search', () => {
	let server: LoopbackServer;
	let answer: { status: number; body: unknown };

	beforeAll(async () => {
		server = await serve((_, response) => {
			response.writeHead(answer.status, { 'content-type': 'application/json' });
			response.end(JSON.stringify(answer.body));
		});
	});
	beforeEach(() => server.seen.splice(0));
	afterAll(async () => await server.close());
	afterAll(closeStores);

	const runSearch = async (parameters: Record<string, unknown>) =>
		await runWorkflow({
			nodes: [
				start(),
				node('Search', new SwarmSearch(), {
					query: 'How many tram lines?',
					output: 'report',
					options: {},
					...parameters,
				} as never),
			],
			connections: chain('Start', 'Search'),
			input: [{ json: {} }] as never,
		});

	it('are all asked at the addresses given, and named when all of them fail', async () => {
		answer = { status: 500, body: {} };
		const engineUrls = Object.fromEntries(
			ENGINES.map((name) => [name, `${server.origin}/${name}`]),
		);
		const run = await runSearch({
			engines: ENGINES,
			options: { engineUrls: JSON.stringify(engineUrls), maxVariants: 1 },
		});
		const paths = server.seen.map(({ url }) => new URL(url, server.origin).pathname.split('/')[1]);
		expect([...new Set(paths)].sort()).toEqual(ENGINES);
		for (const name of ['arXiv', 'Crossref', 'DuckDuckGo', 'PubMed', 'Stack Exchange']) {
			expect(run.error?.message).toContain(`${name} answered with status 500`);
		}
	});

	it('that are slow to allow another call are asked in one wording only', async () => {
		answer = { status: 500, body: {} };
		await runSearch({
			engines: ['github', 'hackerNews'],
			options: { engineUrls: { github: `${server.origin}/a`, hackerNews: `${server.origin}/b` } },
		});
		const paths = server.seen.map(({ url }) => new URL(url, server.origin).pathname);
		// A call is tried again, since 500 may pass; after three failures the engine is left alone.
		expect(paths.sort()).toEqual(['/a', '/a', '/b', '/b', '/b']);
	});

	it('may be a SearXNG and a service described by data, which are cited alike', async () => {
		const hit = (n: number) => ({
			url: `https://example.org/${n}`,
			title: 'Trams',
			content: `The town number ${n} runs ${n} tram lines today.`,
		});
		answer = { status: 200, body: { results: [hit(1)], items: [hit(2)] } };
		const run = await runSearch({
			engines: ['searxng', 'custom'],
			searxngUrl: server.origin,
			customEngine: JSON.stringify({
				name: 'Library',
				url: `${server.origin}/find`,
				query: { q: '{{ query }}' },
				results: 'items',
				text: 'content',
			}),
		});
		expect(run.json('Search')).toMatchObject([
			{
				status: 'completed',
				engines: [
					{ name: 'SearXNG', status: 'ok' },
					{ name: 'Library', status: 'ok' },
				],
			},
		]);
		const report = JSON.stringify(run.json('Search'));
		expect(report).toContain('https://example.org/1');
		expect(report).toContain('https://example.org/2');
	});

	it('lead to pages that are opened and quoted only when asked to, and inside only when allowed', async () => {
		const sentence = 'The town of Example runs nine tram lines, and builds three more of them.';
		const pages = await serve((_, response) => {
			response.writeHead(200, { 'content-type': 'text/html' });
			response.end(`<article>${`<p>${sentence}</p>`.repeat(4)}</article>`);
		});
		const hit = { url: `${pages.origin}/trams`, title: 'Tram lines', content: 'Tram lines.' };
		answer = { status: 200, body: { results: [hit] } };
		const ask = async (options: Record<string, unknown>) => {
			const run = await runSearch({ engines: ['searxng'], searxngUrl: server.origin, options });
			return run.json('Search');
		};
		expect(await ask({})).toMatchObject([{ sources: [{ evidence: 'engine', pageError: null }] }]);
		expect(await ask({ maxPages: 1 })).toMatchObject([
			{ sources: [{ pageError: expect.stringContaining('public internet') as string }] },
		]);
		expect(pages.seen).toEqual([]);
		expect(await ask({ maxPages: 1, allowPrivatePages: true })).toMatchObject([
			{ summary: `${sentence} [1]`, sources: [{ evidence: 'page' }] },
		]);
		await pages.close();
	});

	it.each([
		[{ engines: ['custom'], customEngine: '{ "url": ' }, 'Custom Engine'],
		[{ engines: ['searxng'], searxngUrl: 'searxng' }, 'SearXNG URL'],
		[{ engines: ['github'], options: { engineUrls: '{"github":"x"}' } }, 'Engine URLs'],
	])('name the field that is wrong: %j', async (parameters, field) => {
		const run = await runSearch(parameters);
		expect(run.error?.message).toContain(field);
	});
});
