import { customEngine, githubEngine, searxngEngine, stackExchangeEngine } from '../../../../lib';
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

const NO_ITEMS = { text: '{"items":[]}' };

describe('stackExchangeEngine', () => {
	it('passes on the pause that a good answer asks for', async () => {
		const { http } = clientWith({ text: '{"items":[],"backoff":10}' });
		const pauses: number[] = [];
		await stackExchangeEngine(http).search({
			text: 'tram lines',
			limit: 3,
			signal: new AbortController().signal,
			timeoutMs: 8000,
			onPause: (ms) => pauses.push(ms),
		});
		expect(pauses).toEqual([10_000]);
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
