import { VirtualRuntime, readPage, search } from '../../../lib';
import type { HttpClient, HttpRequest, HttpResponse, SearchEngine } from '../../../lib';
import { axiosHttpClient } from '../../../lib/host';
import { fuse } from '../../../lib/search/fusion';
import { readPages } from '../../../lib/search/readPages';
import { serve } from '../host/server';

const SENTENCE = 'The city builds four new tram lines, which will open one by one until 2031.';
const MORE =
	'Each of them leads from the centre to a district without any rails so far, says the mayor.';
const PAGE = `<article><p>${SENTENCE}</p><p>${MORE}</p><p>${MORE.replace('mayor', 'plan')}</p></article>`;

/** A web of pages by address; anything else is a failure of the test. */
function webOf(pages: Record<string, Partial<HttpResponse>>) {
	const opened: HttpRequest[] = [];
	const http: HttpClient = {
		request: async (request) => {
			opened.push(request);
			const page = pages[request.url];
			if (page === undefined) throw new Error(`Opened ${request.url}`);
			return await Promise.resolve({ status: 200, headers: {}, text: '', ...page });
		},
		stream: async () => await Promise.reject(new Error('not used')),
	};
	return { http, opened };
}

const options = (http: HttpClient, allowPrivate = false) => ({
	http,
	allowPrivate,
	signal: new AbortController().signal,
	timeoutMs: 1000,
});
const START = 'https://example.org/start';
const to = (location: string, status = 302) => ({ status, headers: { location } });

describe('readPage', () => {
	it('gives the article of a page, also behind redirects', async () => {
		const { http, opened } = webOf({
			[START]: to('/next', 301),
			'https://example.org/next': to('http://www.example.org/page'),
			'http://www.example.org/page': { text: PAGE },
		});
		expect((await readPage(START, options(http))).text).toContain(SENTENCE);
		expect(opened[0]).toMatchObject({ followRedirects: false, timeoutMs: 1000, maxBytes: 2 ** 21 });
	});

	it.each([
		'http://127.0.0.1/admin',
		'http://2130706433/',
		'http://[::ffff:169.254.169.254]/latest/meta-data/',
		'//localhost/admin',
		'file:///etc/passwd',
		'javascript:alert(1)',
		'https://user:secret@example.org/',
	])('never follows a redirect to %s', async (location) => {
		const { http, opened } = webOf({ [START]: to(location) });
		await expect(readPage(START, options(http))).rejects.toMatchObject({
			code: 'PAGE_FAILED',
			errorClass: 'guardrail',
		});
		expect(opened).toHaveLength(1);
	});

	it('gives up on redirects without end', async () => {
		const { http, opened } = webOf({ [START]: to(START) });
		await expect(readPage(START, options(http))).rejects.toThrow('more than 5 times');
		expect(opened).toHaveLength(6);
	});

	it.each([
		['another status', { status: 403, text: PAGE }, 'status 403'],
		['another type', { headers: { 'content-type': 'application/pdf' } }, 'application/pdf'],
		['hardly any text', { text: '<p>Please enable JavaScript.</p>' }, 'no article'],
		['text in an unknown encoding', { text: PAGE.replaceAll('e', '\ufffd') }, 'encoding'],
	])('takes %s for no page to quote', async (_, page, message) => {
		await expect(readPage(START, options(webOf({ [START]: page }).http))).rejects.toThrow(message);
	});

	it('reads plain text by its paragraphs', async () => {
		const text = `${SENTENCE}\n\n${MORE}\n${MORE}\n`;
		const page = { headers: { 'content-type': 'text/plain; charset=utf-8' }, text };
		const article = await readPage(START, options(webOf({ [START]: page }).http));
		expect(article.text).toBe(`${SENTENCE}\n\n${MORE} ${MORE}`);
	});

	it('opens pages of the network around only when it may', async () => {
		const server = await serve((request, response) => {
			if (request.url === '/old') response.writeHead(302, { location: '/page' }).end();
			else response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
		});
		const url = `${server.origin}/old`;
		await expect(readPage(url, options(axiosHttpClient()))).rejects.toThrow('was not opened');
		expect(server.seen).toEqual([]);
		const { text } = await readPage(url, options(axiosHttpClient(), true));
		expect(text).toContain(SENTENCE);
		await server.close();
	});
});

describe('search that reads pages', () => {
	const engine = (urls: string[]): SearchEngine => ({
		name: 'Test',
		search: async () =>
			await Promise.resolve(
				urls.map((url) => ({ url, title: 'New tram lines', snippet: 'Tram lines in the city.' })),
			),
	});
	const ask = async (urls: string[], http: HttpClient, maxPages?: number) =>
		await search(
			{ query: 'How many tram lines will the city build?', maxPages },
			{ engines: [engine(urls)], http, runtime: new VirtualRuntime() },
		);

	it('quotes from the pages, and says so', async () => {
		const { http } = webOf({ [START]: { text: PAGE } });
		const report = await ask([START], http, 3);
		expect(report.summary).toContain(`${SENTENCE} [1]`);
		expect(report.sources).toMatchObject([{ evidence: 'page', pageError: null }]);
	});

	it('ranks by what the pages say, a long one by its best stretch', async () => {
		const filler = '<p>The weather was fine, and many people walked along the river bank.</p>';
		const about = `<article>${filler.repeat(60)}<p>${SENTENCE}</p>${filler.repeat(60)}</article>`;
		const painting = '<p>The museum shows forty paintings of old markets and their people.</p>';
		const other = `<article>${painting.repeat(9)}<p>One is of a tram line in the snow.</p></article>`;
		const second = 'https://example.net/second';
		const { http } = webOf({ [START]: { text: other }, [second]: { text: about } });
		const report = await ask([START, second], http, 2);
		expect(report.sources.map(({ url }) => url)).toEqual([second, START]);
	});

	it('keeps what the engine said when a page cannot be read, and says why', async () => {
		const { http } = webOf({ [START]: { status: 451 } });
		const report = await ask([START, 'http://10.0.0.1/'], http, 3);
		expect(report.status).toBe('no_evidence');
		expect(report.sources[0]).toMatchObject({
			evidence: 'engine',
			pageError: 'The page answered with status 451.',
		});
	});

	it('opens nothing unless asked to, and not more pages than asked for', async () => {
		const second = 'https://example.org/second';
		const { http, opened } = webOf({ [START]: { text: PAGE }, [second]: { text: PAGE } });
		await ask([START, second], http);
		expect(opened).toEqual([]);
		await ask([START, second], http, 1);
		expect(opened).toHaveLength(1);
	});
});

describe('readPages', () => {
	it('changes nothing once nobody waits for it any more', async () => {
		const controller = new AbortController();
		const { http } = webOf({ [START]: { text: PAGE } });
		const late: HttpClient = {
			...http,
			request: async (request) => {
				const response = await http.request(request);
				controller.abort();
				return response;
			},
		};
		const pool = fuse('tram', [
			{ engine: 'A', weight: 1, hits: [{ url: START, title: 'Trams', snippet: 'Tram.' }] },
		]);
		await readPages(pool, 1, { http: late, signal: controller.signal, timeoutMs: 1000 });
		expect(pool).toMatchObject([{ text: 'Tram.', evidence: 'engine' }]);
	});
});
