import {
	firecrawlEngine,
	githubEngine,
	marginaliaEngine,
	openAlexEngine,
	pubmedEngine,
	semanticScholarEngine,
	serperEngine,
	stackExchangeEngine,
	tavilyEngine,
	wikipediaEngine,
} from '../../../../lib';
import type { HttpClient, HttpRequest, HttpResponse, SearchEngine } from '../../../../lib';

/** A client that gives one answer to everything, and keeps what it was asked. */
function clientWith(response: Partial<HttpResponse>) {
	const requests: HttpRequest[] = [];
	const http: HttpClient = {
		request: async (request) => {
			requests.push(request);
			return await Promise.resolve({ status: 200, headers: {}, text: '', ...response });
		},
		stream: async () => await Promise.reject(new Error('not used')),
	};
	return { http, requests };
}

const ask = async (engine: SearchEngine, filters = {}) =>
	await engine.search({
		text: 'tram lines',
		limit: 3,
		filters,
		signal: new AbortController().signal,
		timeoutMs: 8000,
	});

const DATE = 'Thu, 01 Jan 2026 00:00:00 GMT';
const EPOCH = Date.parse(DATE) / 1000;

describe('the pause that an engine asks for', () => {
	it.each([
		['Retry-After in seconds', { 'retry-after': '7' }, '', 7000],
		[
			'Retry-After as a date, by the clock of the service',
			{ date: DATE, 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' },
			'',
			60_000,
		],
		['Retry-After-Ms', { 'retry-after-ms': '1500' }, '', 1500],
		[
			'X-RateLimit-Reset as a time',
			{ date: DATE, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${EPOCH + 30}` },
			'',
			30_000,
		],
		[
			'X-RateLimit-Reset of several limits, as a distance: the spent one counts',
			{ 'x-ratelimit-remaining': '0, 14523', 'x-ratelimit-reset': '1, 1419704' },
			'',
			1000,
		],
		['RateLimit-Reset', { 'ratelimit-remaining': '0', 'ratelimit-reset': '12' }, '', 12_000],
		[
			'a field of the error in the body',
			{},
			'{"error":{"code":"rate_limited","retry_after_seconds":9}}',
			9000,
		],
		['a field of the body', {}, '{"retry_after":2}', 2000],
		['nothing', {}, '', undefined],
		['a Retry-After that is none', { 'retry-after': 'soon' }, '', undefined],
		['a negative Retry-After', { 'retry-after': '-5' }, '', undefined],
		['a reset of a limit that is not spent', { 'x-ratelimit-reset': '12' }, '', undefined],
		[
			'a reset in the past',
			{ date: DATE, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${EPOCH - 9}` },
			'',
			undefined,
		],
		[
			'a time without a clock to compare',
			{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${EPOCH}` },
			'',
			undefined,
		],
		['a body that only begins like one', {}, '{"retry_after": ', undefined],
		['a field that is no number', {}, '{"retry_after":"soon"}', undefined],
		['a body that is a list', {}, '["retry_after"]', undefined],
	])('is read from %s', async (_, headers: Record<string, string>, text, retryAfterMs) => {
		const { http } = clientWith({ status: 429, headers, text });
		await expect(ask(tavilyEngine(http))).rejects.toMatchObject({
			errorClass: 'rate_limit',
			retryAfterMs,
		});
	});
});

describe('an answer that is a refusal', () => {
	it.each([
		[400, '{"message":"Not enough credits","statusCode":400}', 'quota_exhausted'],
		[403, '{"error":{"errors":[{"reason":"dailyLimitExceeded"}]}}', 'quota_exhausted'],
		[403, '{"error":{"errors":[{"reason":"rateLimitExceeded"}]}}', 'rate_limit'],
		[400, '{"error_name":"throttle_violation"}', 'rate_limit'],
		[400, '{"message":"Bad query"}', 'validation'],
		[402, '', 'quota_exhausted'],
		[403, '', 'auth'],
		[404, '', 'not_found'],
		[408, '', 'timeout'],
		[432, '', 'quota_exhausted'],
		[433, '', 'quota_exhausted'],
		[503, '', 'server'],
	])(
		'with status %d and %s is of the class that says what to do',
		async (status, text, errorClass) => {
			const { http } = clientWith({ status, text });
			await expect(ask(serperEngine(http))).rejects.toMatchObject({ errorClass });
		},
	);

	it('says what to do about a wrong key', async () => {
		const { http } = clientWith({ status: 401 });
		await expect(ask(serperEngine(http))).rejects.toMatchObject({
			hint: 'Check the key of this engine in the credential.',
		});
	});
});

describe('a key of one’s own', () => {
	const apiKey = 'key-of-the-tests';
	const EMPTY = '{"items":[],"results":[],"data":[],"total":0,"esearchresult":{"idlist":[]}}';

	it.each([
		['GitHub', githubEngine, { headers: { authorization: `Bearer ${apiKey}` } }],
		['Marginalia', marginaliaEngine, { headers: { 'api-key': apiKey } }],
		['OpenAlex', openAlexEngine, { query: { api_key: apiKey } }],
		['PubMed', pubmedEngine, { query: { api_key: apiKey } }],
		['Semantic Scholar', semanticScholarEngine, { headers: { 'x-api-key': apiKey } }],
		['Stack Exchange', stackExchangeEngine, { query: { key: apiKey } }],
	])('is sent to %s, which also works without', async (_, make, expected) => {
		const { http, requests } = clientWith({ text: EMPTY });
		await ask(make(http, { apiKey }));
		await ask(make(http));
		expect(requests[0]).toMatchObject(expected);
		expect(JSON.stringify(requests[1])).not.toContain(apiKey);
	});

	it('is not sent to Firecrawl when there is none', async () => {
		const { http, requests } = clientWith({ text: '{"success":true,"data":{}}' });
		await ask(firecrawlEngine(http));
		expect(requests[0]!.headers).not.toHaveProperty('authorization');
	});
});

describe('wikipediaEngine', () => {
	const EMPTY = '{"batchcomplete":true}';

	it('asks the Wikipedia of the language that is looked for', async () => {
		const { http, requests } = clientWith({ text: EMPTY });
		const engine = wikipediaEngine(http);
		await ask(engine, { language: 'fr' });
		expect(engine.filters).toEqual(['language']);
		expect(requests[0]!.url).toBe('https://fr.wikipedia.org/w/api.php');
	});

	it('stays with the one that was chosen for it, and does not claim otherwise', async () => {
		const { http, requests } = clientWith({ text: EMPTY });
		const engine = wikipediaEngine(http, { language: 'simple' });
		await ask(engine, { language: 'fr' });
		expect(engine.filters).toEqual([]);
		expect(requests[0]!.url).toBe('https://simple.wikipedia.org/w/api.php');
	});
});
