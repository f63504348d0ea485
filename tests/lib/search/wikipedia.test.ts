import { wikipediaEngine } from '../../../lib';
import type { HttpClient, HttpRequest, HttpResponse } from '../../../lib';

/** An answer of the API as it was recorded, shortened. */
const ANSWER = {
	batchcomplete: true,
	query: {
		pages: [
			{
				pageid: 2,
				ns: 0,
				title: 'Light rail',
				index: 2,
				fullurl: 'https://en.wikipedia.org/wiki/Light_rail',
				touched: '2026-02-02T00:00:00Z',
				extract: 'Light rail is a form of passenger urban rail transit.',
			},
			{
				pageid: 1,
				ns: 0,
				title: 'Tram',
				index: 1,
				fullurl: 'https://en.wikipedia.org/wiki/Tram',
				touched: '2026-01-01T00:00:00Z',
				extract: 'A tram is an urban rail transit in which vehicles run on tracks on streets.',
			},
		],
	},
};

const answer = (status: number, body: unknown, headers = {}): HttpResponse => ({
	status,
	headers,
	text: typeof body === 'string' ? body : JSON.stringify(body),
});

function clientWith(response: HttpResponse): HttpClient & { requests: HttpRequest[] } {
	const requests: HttpRequest[] = [];
	return {
		requests,
		request: async (request) => {
			requests.push(request);
			return await Promise.resolve(response);
		},
		stream: async () => await Promise.reject(new Error('not used')),
	};
}

const query = { text: 'tram', limit: 5, signal: new AbortController().signal, timeoutMs: 8000 };

describe('wikipediaEngine', () => {
	it('asks the Wikipedia of the language, says who it is, and passes limits on', async () => {
		const http = clientWith(answer(200, ANSWER));
		await wikipediaEngine(http, { language: 'de' }).search(query);
		expect(http.requests[0]).toMatchObject({
			method: 'GET',
			url: 'https://de.wikipedia.org/w/api.php',
			query: { gsrsearch: 'tram', gsrlimit: 5, formatversion: 2 },
			timeoutMs: 8000,
			signal: query.signal,
		});
		expect(http.requests[0]!.headers!['user-agent']).toContain('n8n-nodes-agent-swarm');
	});

	it('gives the articles in order of rank, with text to quote', async () => {
		const hits = await wikipediaEngine(clientWith(answer(200, ANSWER))).search(query);
		expect(hits.map(({ title }) => title)).toEqual(['Tram', 'Light rail']);
		expect(hits[0]).toEqual({
			url: 'https://en.wikipedia.org/wiki/Tram',
			works: [],
			title: 'Tram',
			snippet: ANSWER.query.pages[1]!.extract,
			text: ANSWER.query.pages[1]!.extract,
			publishedAt: '2026-01-01T00:00:00Z',
		});
	});

	it('takes an answer without pages for no hits', async () => {
		const http = clientWith(answer(200, { batchcomplete: true }));
		await expect(wikipediaEngine(http).search(query)).resolves.toEqual([]);
	});

	it.each([
		[
			'an error with status 200',
			answer(200, { error: { code: 'ratelimited', info: 'Slow down' } }),
			'rate_limit',
		],
		['status 429', answer(429, '', { 'retry-after': '7' }), 'rate_limit'],
		['status 503', answer(503, 'down'), 'server'],
		['a page instead of data', answer(200, '<html>Log in</html>'), 'bad_output'],
		['data of another shape', answer(200, { query: { pages: 'none' } }), 'bad_output'],
	])('takes %s for a failure of class %3$s', async (_, response, errorClass) => {
		await expect(wikipediaEngine(clientWith(response)).search(query)).rejects.toMatchObject({
			code: 'SEARCH_FAILED',
			errorClass,
		});
	});

	it('passes on how long the service asks to wait', async () => {
		const http = clientWith(answer(429, '', { 'retry-after': '7' }));
		await expect(wikipediaEngine(http).search(query)).rejects.toMatchObject({ retryAfterMs: 7000 });
	});

	it('refuses a language that is none, so that it cannot lead to another host', () => {
		expect(() =>
			wikipediaEngine(clientWith(answer(200, {})), { language: 'evil.example/' }),
		).toThrow('Wikipedia language');
	});
});
