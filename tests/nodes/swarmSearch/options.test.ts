import { readRun } from '../../../lib';
import { SwarmSearch } from '../../../nodes/SwarmSearch/SwarmSearch.node';
import { closeStores, openStore } from '../../../nodes/shared/store';
import { connect, node, runWorkflow, start, subNode } from '../../harness';
import { serve } from '../../lib/host/server';
import type { LoopbackServer } from '../../lib/host/server';

const QUESTION = 'How many tram lines does the city build?';

/** A service that answers like Wikipedia, Hacker News or Mwmbl, by its path; silent below /silent. */
let server: LoopbackServer;

beforeAll(async () => {
	server = await serve(({ url }, response) => {
		if (url.startsWith('/silent')) return;
		const [, kind = ''] = new URL(url, 'http://localhost').pathname.split('/');
		const story = (title: string, created: string) => ({
			objectID: '1',
			title,
			url: `https://example.org/${title}`,
			story_text: `The city builds four tram lines, says ${title}.`,
			created_at: created,
		});
		const answers: Record<string, unknown> = {
			news: { hits: [story('new', new Date().toISOString()), story('old', '2001-01-01')] },
			mwmbl: [
				{
					url: 'https://example.net/',
					title: [],
					extract: [{ value: 'The city builds four tram lines by 2031.' }],
				},
			],
		};
		response.end(JSON.stringify(answers[kind]));
	});
});
beforeEach(() => server.seen.splice(0));
afterAll(async () => await server.close());
afterAll(closeStores);

const paths = () => server.seen.map(({ url }) => new URL(url, 'http://localhost'));

async function runSearch(
	{ options, ...parameters }: { options?: object; [name: string]: unknown } = {},
	{ items = 1, model }: { items?: number; model?: unknown } = {},
) {
	const urls = {
		hackerNews: `${server.origin}/news`,
		mwmbl: `${server.origin}/mwmbl`,
		wikipedia: `${server.origin}/silent`,
	};
	const attached = model === undefined ? [] : [subNode('Model', 'ai_languageModel', () => model)];
	const run = await runWorkflow({
		nodes: [
			start(),
			node('Search', new SwarmSearch(), {
				query: QUESTION,
				engines: ['hackerNews'],
				output: 'report',
				options: { engineUrls: JSON.stringify(urls), maxVariants: 1, ...options },
				...parameters,
			} as never),
			...attached,
		],
		connections: connect(
			['Start', 'Search'],
			...attached.map(() => ({
				from: 'Model',
				to: 'Search',
				type: 'ai_languageModel' as const,
				input: 0,
			})),
		),
		input: Array.from({ length: items }, (_, n) => ({ json: { n } })),
	});
	return run;
}

describe('the fields of Swarm Search', () => {
	it('narrow what is found: filters, whatever their form', async () => {
		const run = await runSearch({
			filters: {
				recency: 'year',
				publishedBefore: '',
				language: '',
				country: 'at',
				excludeDomains: 'example.com, example.net',
				includeDomains: ['example.org'],
			},
		});
		expect(run.error).toBeUndefined();
		const [asked] = paths();
		expect(asked!.searchParams.get('numericFilters')).toMatch(/^created_at_i>=\d+,/);
		expect(run.json('Search')).toMatchObject([
			{
				engines: [{ filters: { dates: 'engine', domains: 'results', region: 'nobody' } }],
				warnings: ['Results of Hacker News could not be filtered by region.'],
			},
		]);
	});

	it('take days of the date field', async () => {
		await runSearch({
			filters: { publishedAfter: '2020-01-31T00:00:00', publishedBefore: '2020-02-01T00:00:00' },
		});
		const from = Date.parse('2020-01-31T00:00:00Z') / 1000;
		const to = Date.parse('2020-02-01T23:59:59Z') / 1000;
		expect(paths()[0]!.searchParams.get('numericFilters')).toBe(
			`created_at_i>=${from},created_at_i<=${to}`,
		);
	});

	it.each([
		[{ filters: { language: 'german' } }, 'two letters'],
		[{ filters: { includeDomains: 'no-domain' } }, 'a domain'],
		[{ options: { deadlineSeconds: -1 } }, 'Answer Within'],
	])('refuse what makes no sense: %j', async (parameters, message) => {
		expect((await runSearch(parameters)).error?.message).toContain(message);
	});

	it('set the time to answer in, and who stands by', async () => {
		const run = await runSearch({
			engines: ['wikipedia'],
			options: { deadlineSeconds: 0.4, standbyEngines: ['mwmbl'] },
		});
		expect(run.json('Search')).toMatchObject([
			{
				status: 'partial',
				engines: [
					{ name: 'Wikipedia', status: 'timeout' },
					{ name: 'Mwmbl', status: 'ok' },
				],
			},
		]);
	});

	it('set how many calls there may be, 0 meaning any number', async () => {
		const engines = ['hackerNews', 'mwmbl'];
		const limited = await runSearch({ engines, options: { maxCalls: 1, maxCostUsd: 1 } });
		expect(limited.json('Search')).toMatchObject([
			{ engines: [{ status: 'ok' }, { status: 'budget' }] },
		]);
		const free = await runSearch({
			engines,
			options: { maxCalls: 0, enoughEngines: 0, deadlineSeconds: 0 },
		});
		expect(free.json('Search')).toMatchObject([{ engines: [{ status: 'ok' }, { status: 'ok' }] }]);
	});

	it('let the store remember what engines answered', async () => {
		const options = { cacheMinutes: 5, resultsPerEngine: 7 };
		await runSearch({ options });
		const run = await runSearch({ options });
		expect(paths()).toHaveLength(1);
		expect(run.json('Search')).toMatchObject([{ engines: [{ cached: 1, calls: 0 }] }]);
	});

	it('take several custom services at once', async () => {
		const service = (name: string) => ({
			name,
			url: `${server.origin}/news`,
			results: 'hits',
			text: 'story_text',
		});
		const run = await runSearch({
			engines: ['custom'],
			customEngine: [service('A'), service('B')],
		});
		expect(run.json('Search')).toMatchObject([{ engines: [{ name: 'A' }, { name: 'B' }] }]);
	});
});

describe('a Chat Model attached to Swarm Search', () => {
	const model = {
		lc_namespace: ['langchain'],
		model: 'fake',
		invoke: async () =>
			await Promise.resolve({
				content: '{"queries":["new tram routes"]}',
				usage_metadata: { input_tokens: 5, output_tokens: 2 },
			}),
	};

	it('writes other wordings when it is asked to, and its usage is counted', async () => {
		const run = await runSearch({ options: { maxVariants: 2, variantsBy: 'model' } }, { model });
		expect(run.json('Search')).toMatchObject([
			{ variant_queries: [QUESTION, 'new tram routes'], usage: { totalTokens: 7, calls: 1 } },
		]);
	});

	it('is not needed', async () => {
		const run = await runSearch({ options: { maxVariants: 2, variantsBy: 'model' } });
		expect(run.json('Search')).toMatchObject([
			{ status: 'completed', warnings: [expect.stringContaining('no Chat Model is attached')] },
		]);
	});
});

describe('the record of the run', () => {
	const recordOf = async (runKey: string) => {
		const store = await openStore({ getNode: () => ({ parameters: {} }) } as never);
		return (await readRun(store, runKey))?.parts.Search;
	};

	it('tells of every search: its question, wordings, summary, status, progress and step', async () => {
		const runKey = `progress-${process.pid}-${Date.now()}`;
		await runSearch(
			{ runKey, query: '={{ "How many tram lines, part " + $json.n + "?" }}' },
			{ items: 2 },
		);
		expect(await recordOf(runKey)).toMatchObject({
			status: 'completed',
			progress: 100,
			detail: {
				// What is told of every node stands beside it.
				open: [],
				slowest: { step: expect.stringMatching(/^[01]$/) as string },
				searches: [0, 1].map((n) => ({
					query: `How many tram lines, part ${n}?`,
					variant_queries: [`How many tram lines, part ${n}?`],
					summary: expect.stringContaining('[1]') as string,
					status: 'completed',
					progress: 100,
					step_description: expect.stringContaining('sources') as string,
				})),
			},
		});
	});

	it('tells what went wrong', async () => {
		const runKey = `failing-${process.pid}-${Date.now()}`;
		await runSearch({ runKey, engines: ['wikipedia'], options: { deadlineSeconds: 0.2 } });
		expect(await recordOf(runKey)).toMatchObject({
			status: 'failed',
			detail: { searches: [{ status: 'failed', summary: null }] },
		});
	});
});
