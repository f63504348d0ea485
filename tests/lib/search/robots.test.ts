import { Robots, VirtualRuntime, search } from '../../../lib';
import type { HttpClient, HttpResponse } from '../../../lib';
import { fakeEngine, hit } from './fakeEngines';

/** A site whose robots.txt is this; everything else on it is a page. */
function site(robots: Partial<HttpResponse> | Error) {
	const asked: string[] = [];
	const http: HttpClient = {
		request: async ({ url }) => {
			asked.push(url);
			if (url.endsWith('/robots.txt')) {
				if (robots instanceof Error) return await Promise.reject(robots);
				return await Promise.resolve({ status: 200, headers: {}, text: '', ...robots });
			}
			const text = `<article>${'<p>The page says that the city builds nine tram lines.</p>'.repeat(9)}</article>`;
			return { status: 200, headers: {}, text };
		},
		stream: async () => await Promise.reject(new Error('not used')),
	};
	const options = { http, signal: new AbortController().signal, timeoutMs: 1000 };
	return { robots: new Robots(options), asked, http };
}

const allows = async (text: string, path: string) =>
	await site({ text }).robots.allows(`https://example.net${path}`);

describe('robots.txt', () => {
	it.each([
		['nothing in it', '', '/a', true],
		['all closed', 'User-agent: *\nDisallow: /', '/a', false],
		['an empty rule', 'User-agent: *\nDisallow:', '/a', true],
		['another path closed', 'User-agent: *\nDisallow: /b', '/a', true],
		['a longer rule that opens', 'User-agent: *\nDisallow: /a\nAllow: /a/b', '/a/b/c', true],
		['equal rules', 'User-agent: *\nDisallow: /a\nAllow: /a', '/a', true],
		['a rule for another program', 'User-agent: other\nDisallow: /', '/a', true],
		[
			'a group of its own, which alone counts',
			'User-agent: *\nDisallow: /\n\nUser-agent: N8N-nodes-agent-swarm\nDisallow: /b',
			'/a',
			true,
		],
		[
			'a group for several programs',
			'User-agent: other\nUser-agent: n8n-nodes-agent-swarm\nDisallow: /a # closed',
			'/a',
			false,
		],
		['a pattern', 'User-agent: *\nDisallow: /*.pdf$', '/files/a.pdf', false],
		['a pattern that ends elsewhere', 'User-agent: *\nDisallow: /*.pdf$', '/a.pdf?x=1', true],
		['a pattern in the middle', 'User-agent: *\nDisallow: /a*/private', '/a/b/private/c', false],
		['an end without a pattern', 'User-agent: *\nDisallow: /a$', '/a/b', true],
		['a query', 'User-agent: *\nDisallow: /find?q=', '/find?q=trams', false],
		['lines that are no rules', 'Sitemap: https://x\nnonsense\nDisallow: /a', '/a', true],
	])('with %s', async (_, text, path, expected) => {
		expect(await allows(text, path)).toBe(expected);
	});

	it('is asked for once a site', async () => {
		const { robots, asked } = site({ text: '' });
		await robots.allows('https://example.net/a');
		await robots.allows('https://example.net/b');
		expect(asked).toEqual(['https://example.net/robots.txt']);
	});

	it.each([
		['is not there', { status: 404 }, true],
		['is elsewhere', { status: 301, headers: { location: 'http://169.254.169.254/' } }, true],
		['cannot be given', { status: 503 }, false],
		['is asked for too often', { status: 429 }, false],
		['cannot be reached', new Error('refused'), false],
	])('that %s', async (_, answer, expected) => {
		expect(await site(answer).robots.allows('https://example.net/a')).toBe(expected);
	});

	it('is never asked for inside the network', async () => {
		const { robots, asked } = site({ text: '' });
		expect(await robots.allows('http://127.0.0.1/a')).toBe(false);
		expect(await robots.allows('no address')).toBe(false);
		expect(asked).toEqual([]);
	});

	it('takes time that grows with its length alone', async () => {
		const pattern = `/${'a*'.repeat(2000)}b$`;
		expect(await allows(`User-agent: *\nDisallow: ${pattern}`, `/${'a'.repeat(4000)}`)).toBe(true);
	});
});

describe('a search that respects robots.txt', () => {
	const run = async (respectRobots: boolean) => {
		const { http } = site({ text: 'User-agent: *\nDisallow: /page' });
		const runtime = new VirtualRuntime();
		const engine = fakeEngine('a', runtime, () => ({ hits: [hit('https://example.net/page')] }));
		const report = await runtime.until(
			search(
				{ query: 'city tram lines', maxVariants: 1, maxPages: 1, respectRobots },
				{ engines: [engine], runtime, http },
			),
		);
		return report.sources[0];
	};

	it('leaves closed pages unread and says so', async () => {
		expect(await run(true)).toMatchObject({
			evidence: 'engine',
			pageError: 'The robots.txt of the site closes this page.',
		});
	});

	it('reads them otherwise', async () => {
		expect(await run(false)).toMatchObject({ evidence: 'page', pageError: null });
	});
});
