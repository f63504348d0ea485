import { VirtualRuntime, search } from '../../../lib';
import type { HttpClient } from '../../../lib';
import { fakeEngine, hit } from './fakeEngines';
import { INSIDE } from './insideAddresses';

const QUERY = 'How many tram lines does the city build?';

/** A web whose pages lead from `/0` over `/1`, … to a target, and which notes what was opened. */
function chainTo(target: string, length: number) {
	const opened: string[] = [];
	const http: HttpClient = {
		request: async ({ url, followRedirects }) => {
			opened.push(url);
			expect(followRedirects).toBe(false);
			const step = Number(URL.parse(url)?.pathname.slice(1));
			const location = step + 1 < length ? `https://example.net/${step + 1}` : target;
			return await Promise.resolve({ status: 302, headers: { location }, text: '' });
		},
		stream: async () => await Promise.reject(new Error('not used')),
	};
	return { http, opened };
}

async function searchOver(http: HttpClient, url: string) {
	const runtime = new VirtualRuntime();
	const engine = fakeEngine('engine', runtime, () => ({ hits: [hit(url)] }));
	const request = { query: QUERY, maxVariants: 1, maxPages: 5, respectRobots: false };
	return await runtime.until(search(request, { engines: [engine], runtime, http }));
}

/** Those that still lead inside when a page of the web names them: others are pages of its own. */
const TARGETS = INSIDE.filter(
	(address) =>
		URL.parse(address, 'https://example.net/0')?.hostname.startsWith('example.') !== true,
);

it('knows at least 60 ways to write an address inside', () => {
	expect(TARGETS.length).toBeGreaterThanOrEqual(60);
});

describe.each(TARGETS)('a search that is led to %j', (target) => {
	it.each([1, 2, 3, 5])('opens nothing inside, after %d redirects', async (length) => {
		const { http, opened } = chainTo(target, length);
		const report = await searchOver(http, 'https://example.net/0');
		expect(opened).toEqual(Array.from({ length }, (_, step) => `https://example.net/${step}`));
		expect(report.sources).toMatchObject([
			{ evidence: 'engine', pageError: expect.stringContaining('public internet') as string },
		]);
	});

	it('opens nothing when an engine gives it as a result', async () => {
		const { http, opened } = chainTo('https://example.net/', 1);
		await searchOver(http, target);
		expect(opened).toEqual([]);
	});
});
