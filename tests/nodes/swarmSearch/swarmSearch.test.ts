import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { SwarmSearch } from '../../../nodes/SwarmSearch/SwarmSearch.node';
import { closeStores } from '../../../nodes/shared/store';
import { chain, node, runWorkflow, start } from '../../harness';
import type { NodeSettings } from '../../harness';

const DOCUMENTS = [
	{
		title: 'Trams',
		url: 'https://example.org/trams',
		text: 'The city builds four tram lines by 2031.',
	},
	{ title: 'Pasta', text: 'Boil the pasta for nine minutes in salted water.' },
];

const PARAMETERS = {
	query: '={{ $json.question }}',
	engines: ['documents'],
	documents: '={{ $json.documents }}',
	output: 'report',
	options: {},
};

async function runSearch(
	parameters: Record<string, unknown>,
	input = [
		{ json: { question: 'How many tram lines does the city build?', documents: DOCUMENTS } },
	],
	settings?: NodeSettings,
) {
	return await runWorkflow({
		nodes: [
			start(),
			node('Search', new SwarmSearch(), { ...PARAMETERS, ...parameters } as never, settings),
		],
		connections: chain('Start', 'Search'),
		input: input as never,
	});
}

afterAll(closeStores);

describe('Swarm Search', () => {
	it('searches once for the same question in the same run', async () => {
		const runKey = `search-${process.pid}-${Date.now()}`;
		const first = await runSearch({ runKey });
		const second = await runSearch({ runKey, output: 'sources' });
		expect(first.json('Search')).toMatchObject([{ reused: false, runKey, stepPath: 'Search/0' }]);
		const saved = { calls: 0, durationMs: expect.any(Number) };
		expect(second.json('Search')).toMatchObject([{ title: 'Trams', reused: true, saved }]);
	});

	it('answers each item from the documents in it', async () => {
		const run = await runSearch({}, [
			{ json: { question: 'How many tram lines does the city build?', documents: DOCUMENTS } },
			{ json: { question: 'How long to boil pasta?', documents: DOCUMENTS } },
		]);
		expect(run.json('Search')).toMatchObject([
			{ status: 'completed', summary: 'The city builds four tram lines by 2031. [1]' },
			{ status: 'completed', summary: 'Boil the pasta for nine minutes in salted water. [1]' },
		]);
	});

	it('gives one item per source with the sentences quoted from it', async () => {
		const run = await runSearch({ output: 'sources' });
		expect(run.json('Search')).toMatchObject([
			{
				query: 'How many tram lines does the city build?',
				n: 1,
				title: 'Trams',
				quotes: ['The city builds four tram lines by 2031.'],
			},
		]);
	});

	it('gives one item per passage, and keeps passages out of reports', async () => {
		const [passage] = (await runSearch({ output: 'passages' })).json('Search');
		expect(passage).toMatchObject({
			query: 'How many tram lines does the city build?',
			n: 1,
			url: 'https://example.org/trams',
			title: 'Trams',
			text: 'The city builds four tram lines by 2031.',
			start: 0,
			end: 40,
			score: 1,
		});
		const [report] = (await runSearch({})).json('Search');
		expect(report).not.toHaveProperty('passages', expect.anything());
	});

	it('names the field when the query is empty', async () => {
		const run = await runSearch({}, [{ json: { question: ' ', documents: DOCUMENTS } }]);
		expect(run.error?.message).toContain('Query: must not be empty');
	});

	it('turns a failing item into an error item and keeps the others', async () => {
		const run = await runSearch(
			{},
			[
				{ json: { question: 'How many tram lines?', documents: [{ title: 'no text' }] } },
				{ json: { question: 'How long to boil pasta?', documents: DOCUMENTS } },
			] as never,
			{ onError: 'continueRegularOutput' },
		);
		expect(run.json('Search')).toMatchObject([
			{ error: expect.stringContaining('entry 1 holds no text') },
			{ status: 'completed' },
		]);
	});
});

describe('Swarm Search on Wikipedia', () => {
	let server: Server;
	let answer: { status: number; body: unknown };
	const seen: URL[] = [];

	beforeAll(async () => {
		server = createServer((request, response) => {
			seen.push(new URL(request.url!, 'http://localhost'));
			response.writeHead(answer.status, { 'content-type': 'application/json' });
			response.end(JSON.stringify(answer.body));
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	});

	afterAll(async () => await new Promise((resolve) => server.close(resolve)));

	/** @param path - a service of its own: what one test breaks is not asked by another */
	const wikipedia = (path: string) => ({
		engines: ['documents', 'wikipedia'],
		options: {
			wikipediaApiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
		},
	});

	it('asks over HTTP and cites articles and documents alike', async () => {
		const page = {
			index: 1,
			title: 'Tram',
			fullurl: 'https://en.wikipedia.org/wiki/Tram',
			extract: 'A tram line is a railway on which a city lets its trams run.',
		};
		answer = { status: 200, body: { query: { pages: [page] } } };
		const run = await runSearch(wikipedia('/w/api.php'));
		expect(run.json('Search')).toMatchObject([
			{
				status: 'completed',
				engines: [
					{ name: 'Input Documents', status: 'ok' },
					{ name: 'Wikipedia', status: 'ok' },
				],
			},
		]);
		expect(seen[0]!.searchParams.get('gsrsearch')).toBe('How many tram lines does the city build?');
		expect(JSON.stringify(run.json('Search'))).toContain('https://en.wikipedia.org/wiki/Tram');
	});

	it('still answers from the documents when Wikipedia is down, and says so', async () => {
		answer = { status: 503, body: {} };
		const run = await runSearch(wikipedia('/down/api.php'));
		expect(run.json('Search')).toMatchObject([
			{
				status: 'partial',
				summary: 'The city builds four tram lines by 2031. [1]',
				engines: [
					{ status: 'ok', error: null },
					{ status: 'server', error: 'Wikipedia answered with status 503.' },
				],
			},
		]);
	});
});
