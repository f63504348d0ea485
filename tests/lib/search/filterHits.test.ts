import { VirtualRuntime, search } from '../../../lib';
import type { SearchFilters } from '../../../lib';
import { filterHits } from '../../../lib/search/filterHits';
import { fakeEngine, hit } from './fakeEngines';

const left = (hits: ReturnType<typeof hit>[], filters: SearchFilters, known?: ['dates']) => {
	const { hits: kept, filters: by } = filterHits(hits, filters, known);
	return { urls: kept.map(({ url }) => url), by };
};

const DATES = { from: '2025-01-31', to: '2025-12-01' };

describe('filters that an engine does not know', () => {
	it('for domains are applied to its hits, those below a domain included', () => {
		const hits = ['https://a.org/', 'https://docs.a.org/', 'https://nota.org/', 'https://x.a.org/'];
		const filters = { includeDomains: ['a.org'], excludeDomains: ['x.a.org'] };
		expect(
			left([...hits.map((url) => hit(url)), hit('https://a.org.evil.example/')], filters),
		).toEqual({
			urls: ['https://a.org/', 'https://docs.a.org/'],
			by: { domains: 'results' },
		});
	});

	it('for domains leave out what has no address', () => {
		const without = { ...hit(''), url: null };
		expect(left([without], { includeDomains: ['a.org'] }).urls).toEqual([]);
		expect(left([without], { excludeDomains: ['a.org'] }).urls).toEqual([null]);
	});

	it('for dates compare days, months and years as far as they are known', () => {
		const at = (publishedAt: string | null) => hit(`https://a.org/${publishedAt}`, { publishedAt });
		const dates = [
			'2025-01-30',
			'2025-01-31T23:00:00Z',
			'2025-12-01',
			'2025-12-02',
			'2025-01',
			'2025',
			'2024',
			null,
		];
		expect(left(dates.map(at), { dates: DATES })).toEqual({
			urls: ['2025-01-31T23:00:00Z', '2025-12-01', '2025-01', '2025'].map(
				(d) => `https://a.org/${d}`,
			),
			by: { dates: 'results' },
		});
	});

	it('for dates are seen to by nobody when no hit has a date, which is said', () => {
		expect(left([hit('https://a.org/')], { dates: DATES })).toEqual({
			urls: ['https://a.org/'],
			by: { dates: 'nobody' },
		});
	});

	it('for words look at titles and texts', () => {
		const hits = [
			hit('https://a.org/1', { text: 'A New   line, of trams' }),
			hit('https://a.org/2', { text: 'A new line for the bus' }),
			hit('https://a.org/3', { snippet: 'A busy new line' }),
			hit('https://a.org/4', { snippet: 'A line that is new' }),
		];
		expect(left(hits, { phrases: ['new line'], excludedWords: ['bus'] })).toEqual({
			urls: ['https://a.org/1', 'https://a.org/3'],
			by: { words: 'results' },
		});
	});

	it('for language and region are seen to by nobody', () => {
		expect(left([hit('https://a.org/')], { language: 'de', region: 'AT' }).by).toEqual({
			language: 'nobody',
			region: 'nobody',
		});
	});
});

describe('filters of a search', () => {
	it('reach the engines that know them, and the report says who saw to each', async () => {
		const runtime = new VirtualRuntime();
		const dated = { publishedAt: '2029-12-30' };
		const knowing = fakeEngine(
			'knowing',
			runtime,
			() => ({
				hits: [hit('https://b.org/', { ...dated, snippet: 'Trams of B run on nine lines.' })],
			}),
			{
				filters: ['dates'],
			},
		);
		const simple = fakeEngine('simple', runtime, () => ({
			hits: [hit('https://a.org/', dated), hit('https://a.org/old', { publishedAt: '2020-01-01' })],
		}));
		const report = await runtime.until(
			search(
				{ query: 'tram lines lang:en', maxVariants: 1, filters: { recency: 'week' } },
				{ engines: [knowing, simple], runtime },
			),
		);
		expect(knowing.queries[0]).toMatchObject({
			text: 'tram lines',
			filters: { dates: { from: '2029-12-25', to: '2030-01-01' }, language: 'en' },
		});
		expect(report.query).toBe('tram lines lang:en');
		expect(report.engines.map(({ filters }) => filters)).toEqual([
			{ dates: 'engine', language: 'nobody' },
			{ dates: 'results', language: 'nobody' },
		]);
		expect(report.sources.map(({ url }) => url).sort()).toEqual([
			'https://a.org/',
			'https://b.org/',
		]);
		expect(report.warnings).toEqual([
			'Results of knowing, simple could not be filtered by language.',
		]);
	});
});
