import type { EngineHit, HttpClient, SearchEngine, SearchFilters } from '../../../../lib';
import { axiosHttpClient } from '../../../../lib/host';
import { serve } from '../../host/server';
import type { LoopbackServer, Seen } from '../../host/server';

/** An engine and recorded answers of its service, shortened. Values that are no text go as JSON. */
export interface EngineCase {
	/** @param origin - of the service, without a slash at the end */
	make(http: HttpClient, origin: string): SearchEngine;
	/** The answer to a request, with hits. */
	answer: unknown;
	/** The hits in that answer. */
	hits: ReadonlyArray<Partial<EngineHit>>;
	/** What the service must be asked, for the words "tram lines" and three hits: its parameters. */
	asks?: Record<string, string>;
	/** The same for a service that is asked by POST: its body. */
	asksBody?: Record<string, unknown>;
	/** The headers that must be sent. */
	sends?: Record<string, string>;
	/** Parameters, or fields of the body, that {@link FILTERS} must become. */
	narrows?: Record<string, unknown>;
	/** The answer when nothing was found. */
	empty: unknown;
	/** The same answer with each address replaced; not for engines that make addresses themselves. */
	withUrl?: (url: string) => unknown;
	/** An error that the service reports with status 200. */
	errors?: Array<{ answer: unknown; errorClass: string }>;
}

/** Filters of every kind. */
export const FILTERS: SearchFilters = {
	dates: { from: '2025-01-31', to: '2025-12-01' },
	language: 'de',
	region: 'AT',
	includeDomains: ['a.org', 'b.org'],
	excludeDomains: ['c.org'],
	phrases: ['new line'],
	excludedWords: ['bus'],
};

type Reply = { status?: number; headers?: Record<string, string>; body?: unknown };

const UNSAFE = [
	'javascript:alert(1)',
	'data:text/html,<script>alert(1)</script>',
	'file:///etc/passwd',
	'https://user:secret@example.org/',
	'//example.org/no-scheme',
	'not an address',
];

/** What every engine that is reached over HTTP must do, against a real server that also fails. */
export function engineContract(name: string, engineCase: EngineCase): void {
	describe(`the engine ${name}`, () => {
		let server: LoopbackServer;
		let reply: (request: Seen) => Reply | 'silence';

		beforeAll(async () => {
			server = await serve((request, response) => {
				const answer = reply(request);
				if (answer === 'silence') return;
				const { status = 200, headers = {}, body = '' } = answer;
				response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
				response.end(typeof body === 'string' ? body : JSON.stringify(body));
			});
		});
		beforeEach(() => server.seen.splice(0));
		afterAll(async () => await server.close());

		const ask = async (limit = 3, timeoutMs = 5000, filters: SearchFilters = {}) =>
			await engineCase.make(axiosHttpClient(), server.origin).search({
				text: 'tram lines',
				limit,
				filters,
				signal: new AbortController().signal,
				timeoutMs,
			});
		const bodyFor = (body: unknown) => (request: Seen) => ({
			body: typeof body === 'function' ? (body as (url: string) => unknown)(request.url) : body,
		});

		it('reads the hits of an answer', async () => {
			reply = bodyFor(engineCase.answer);
			expect(await ask()).toMatchObject(engineCase.hits);
		});

		it('asks for the words and the number of hits, and says who asks', async () => {
			reply = bodyFor(engineCase.answer);
			await ask();
			const { asks = {}, asksBody = {}, sends = {} } = engineCase;
			expect(parametersOf(server)).toMatchObject({ ...asks, ...asksBody });
			expect(server.seen[0]!.headers).toMatchObject(sends);
			expect(server.seen[0]!.headers['user-agent']).toContain('n8n-nodes-agent-swarm');
		});

		it('asks for what filters say when it can, and says which filters these are', async () => {
			reply = bodyFor(engineCase.answer);
			await ask();
			const plain = parametersOf(server);
			server.seen.splice(0);
			await ask(3, 5000, FILTERS);
			const { narrows = {} } = engineCase;
			expect(parametersOf(server)).toEqual({ ...plain, ...narrows });
			const { filters = [] } = engineCase.make(axiosHttpClient(), server.origin);
			expect(filters.length > 0).toBe(Object.keys(narrows).length > 0);
		});

		it('is not led elsewhere by a redirect', async () => {
			reply = () => ({ status: 302, headers: { location: 'http://169.254.169.254/latest' } });
			await expect(ask()).rejects.toMatchObject({
				code: 'SEARCH_FAILED',
				hint: expect.stringContaining('http://169.254.169.254') as string,
			});
			expect(server.seen).toHaveLength(1);
		});

		it('does not ask again where a page wants to see a person', async () => {
			reply = () => ({ body: '<html><form id="captcha-form">Are you a robot?</form></html>' });
			await expect(ask()).rejects.toMatchObject({ errorClass: 'overloaded', retryable: false });
		});

		it('gives plain text, addresses that can be opened, and not more than asked for', async () => {
			reply = bodyFor(engineCase.answer);
			for (const hit of await ask()) {
				expect(hit.url).toMatch(/^https?:/);
				expect(hit.title).not.toBe('');
				expect([hit.title, hit.snippet, hit.text].join('|')).not.toMatch(
					/<\/?[a-z]|&[a-z]+;|\s\s/i,
				);
			}
			expect(await ask(1)).toHaveLength(1);
		});

		it('finds nothing without failing', async () => {
			reply = bodyFor(engineCase.empty);
			await expect(ask()).resolves.toEqual([]);
		});

		it.each([
			['429', { status: 429, headers: { 'retry-after': '7' } }, 'rate_limit', 7000],
			['500', { status: 500, body: 'oops' }, 'server', undefined],
			['401', { status: 401, body: '{}' }, 'auth', undefined],
			['a page', { body: '<!doctype html><p>Log in</p>' }, 'bad_output', undefined],
			['nothing at all', { body: '' }, 'bad_output', undefined],
			['data of another shape', { body: '{"surprise":[]}' }, 'bad_output', undefined],
		])('takes %s for a failure', async (_, answer, errorClass, retryAfterMs) => {
			reply = () => answer;
			await expect(ask()).rejects.toMatchObject({
				code: 'SEARCH_FAILED',
				errorClass,
				retryAfterMs,
			});
		});

		it('gives up when there is no answer in time', async () => {
			reply = () => 'silence';
			await expect(ask(3, 30)).rejects.toMatchObject({ errorClass: 'timeout' });
		});

		const { withUrl, errors = [] } = engineCase;
		if (withUrl !== undefined) {
			it('leaves out hits whose address is not safe to open', async () => {
				for (const url of UNSAFE) {
					reply = bodyFor(withUrl(url));
					expect(await ask()).toEqual([]);
				}
			});
		}

		for (const { answer, errorClass } of errors) {
			it(`sees an error of class ${errorClass} that comes with status 200`, async () => {
				reply = bodyFor(answer);
				await expect(ask()).rejects.toMatchObject({ code: 'SEARCH_FAILED', errorClass });
			});
		}
	});
}

/** The parameters of the first request, and the fields of its body. */
function parametersOf({ seen: [first], origin }: LoopbackServer): Record<string, unknown> {
	const parameters = Object.fromEntries(new URL(first!.url, origin).searchParams);
	const body = first!.body === '' ? {} : (JSON.parse(first!.body) as Record<string, unknown>);
	return { ...parameters, ...body };
}
