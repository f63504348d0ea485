import {
	Pace,
	VirtualRuntime,
	arxivEngine,
	customEngine,
	githubEngine,
	searxngEngine,
	stackExchangeEngine,
} from '../../../../lib';
import type { HttpClient, HttpRequest, HttpResponse, SearchEngine } from '../../../../lib';

function clientWith(...responses: Array<Partial<HttpResponse>>) {
	const requests: HttpRequest[] = [];
	const http: HttpClient = {
		request: async (request) => {
			requests.push(request);
			const next = responses[Math.min(requests.length, responses.length) - 1];
			return await Promise.resolve({ status: 200, headers: {}, text: '', ...next });
		},
		stream: async () => await Promise.reject(new Error('not used')),
	};
	return { http, requests };
}

const ask = async (engine: SearchEngine, text = 'tram lines', timeoutMs = 8000) =>
	await engine.search({ text, limit: 3, signal: new AbortController().signal, timeoutMs });

const EMPTY_FEED = { text: '<feed></feed>' };
const NO_ITEMS = { text: '{"items":[]}' };

describe('Pace', () => {
	it('keeps the calls of all searches apart by the time the service asks for', async () => {
		const runtime = new VirtualRuntime();
		const pace = new Pace(3000, runtime);
		const { http, requests } = clientWith(EMPTY_FEED);
		const engines = [arxivEngine(http, { pace }), arxivEngine(http, { pace })];
		const both = Promise.all(engines.map(async (engine) => await ask(engine)));
		await runtime.advance(2999);
		expect(requests).toHaveLength(1);
		await runtime.advance(1);
		await both;
		expect(requests).toHaveLength(2);
	});

	it('gives up at once when the turn comes too late, and says when it would', async () => {
		const pace = new Pace(3000, new VirtualRuntime());
		const { http, requests } = clientWith(EMPTY_FEED);
		await ask(arxivEngine(http, { pace }));
		await expect(ask(arxivEngine(http, { pace }), 'trams', 2000)).rejects.toMatchObject({
			errorClass: 'rate_limit',
			retryAfterMs: 3000,
			message: 'arXiv may be asked again in 3 s, later than this search can wait.',
		});
		expect(requests).toHaveLength(1);
	});

	it('holds all searches back after Retry-After', async () => {
		const pace = new Pace(0, new VirtualRuntime());
		const { http, requests } = clientWith({ status: 429, headers: { 'retry-after': '60' } });
		await expect(ask(githubEngine(http, { pace }))).rejects.toThrow('status 429');
		await expect(ask(githubEngine(http, { pace }))).rejects.toThrow('again in 60 s');
		expect(requests).toHaveLength(1);
	});

	it('holds all searches back after the backoff of a good answer of Stack Exchange', async () => {
		const pace = new Pace(0, new VirtualRuntime());
		const { http } = clientWith({ text: '{"items":[],"backoff":10}' });
		await expect(ask(stackExchangeEngine(http, { pace }))).resolves.toEqual([]);
		await expect(ask(stackExchangeEngine(http, { pace }))).rejects.toThrow('again in 10 s');
	});
});

describe('githubEngine', () => {
	it('takes a refusal because of spent calls for a rate limit, with the time until the reset', async () => {
		const { http } = clientWith({
			status: 403,
			headers: {
				date: 'Thu, 01 Jan 2026 00:00:00 GMT',
				'x-ratelimit-remaining': '0',
				'x-ratelimit-reset': String(Date.parse('2026-01-01T00:00:30Z') / 1000),
			},
		});
		await expect(ask(githubEngine(http))).rejects.toMatchObject({
			errorClass: 'rate_limit',
			retryAfterMs: 30_000,
		});
	});

	it('asks for words only, never for operators', async () => {
		const { http, requests } = clientWith(NO_ITEMS);
		await ask(githubEngine(http), 'user:example "trams"');
		expect(requests[0]!.query).toMatchObject({ q: 'user example trams' });
	});

	it('asks nothing when there is no word to look for', async () => {
		const { http, requests } = clientWith(NO_ITEMS);
		await expect(ask(githubEngine(http), 'what is it?')).resolves.toEqual([]);
		expect(requests).toEqual([]);
	});
});

describe('searxngEngine', () => {
	it('says what to do when the instance does not give JSON', async () => {
		const { http } = clientWith({ status: 403 });
		await expect(
			ask(searxngEngine(http, { baseUrl: 'http://searxng:8080' })),
		).rejects.toMatchObject({ hint: expect.stringContaining('search.formats') as string });
	});
});

describe('customEngine', () => {
	const options = { url: 'https://search.example.com/find', results: 'hits' };

	it('posts a body when there is one, with the words inside it as data', async () => {
		const { http, requests } = clientWith({ text: '{"hits":[]}' });
		const body = { query: { match: '{{ query }}' }, size: '{{ limit }}' };
		await ask(customEngine(http, { ...options, body }), 'a "quoted" word');
		expect(requests[0]).toMatchObject({
			method: 'POST',
			url: options.url,
			body: { query: { match: 'a "quoted" word' }, size: 3 },
		});
	});

	it('reads hits by its own paths, and keeps headers', async () => {
		const hits = [{ href: 'https://example.org/', name: 'Trams', d: '2024-01-01' }];
		const { http, requests } = clientWith({ text: JSON.stringify({ hits }) });
		const engine = customEngine(http, {
			...options,
			name: 'Library',
			headers: { 'x-tenant': 'a' },
			link: 'href',
			title: 'name',
			publishedAt: 'd',
		});
		expect(engine.name).toBe('Library');
		await expect(ask(engine)).resolves.toMatchObject([
			{ url: 'https://example.org/', title: 'Trams', publishedAt: '2024-01-01' },
		]);
		expect(requests[0]!.headers).toMatchObject({ 'x-tenant': 'a' });
	});

	it.each([
		[{ url: 'no address', results: 'hits' }, 'Custom engine: url: Invalid url'],
		[{ ...options, results: 'hits..x' }, 'not a path'],
		[{ ...options, query: { q: '{{ query' } }, 'not closed'],
		[{ ...options, reslts: 'hits' }, 'reslts'],
	])('refuses a description that is wrong: %j', (description, message) => {
		expect(() => customEngine(clientWith({}).http, description)).toThrow(message);
	});
});
