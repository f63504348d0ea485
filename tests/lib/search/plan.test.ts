import { VirtualRuntime } from '../../../lib';
import { planSearch } from '../../../lib/search/plan';
import type { RequestedFilters } from '../../../lib';

const runtime = new VirtualRuntime({ startAt: Date.parse('2026-03-10T12:00:00Z') });
const plan = (query: string, filters: RequestedFilters = {}) => planSearch(query, filters, runtime);

describe('the plan of a search', () => {
	it('leaves a plain question as it is', () => {
		expect(plan('What is a tram?')).toEqual({ text: 'What is a tram?', filters: {} });
	});

	it('reads operators out of the question', () => {
		expect(
			plan(
				'tram lines site:example.org site:www.b.org -site:c.org after:2025-01-31 lang:DE region:at',
			),
		).toEqual({
			text: 'tram lines',
			filters: {
				dates: { from: '2025-01-31', to: '2026-03-10' },
				language: 'de',
				region: 'AT',
				includeDomains: ['example.org', 'www.b.org'],
				excludeDomains: ['c.org'],
			},
		});
	});

	it('keeps the words of phrases, and not those that must not occur', () => {
		expect(plan('the "new line" of trams -bus')).toEqual({
			text: 'the new line of trams',
			filters: { phrases: ['new line'], excludedWords: ['bus'] },
		});
	});

	it.each([
		['after:soon trams', 'after:soon trams'],
		['-after:2025-01-01 trams', '-after:2025-01-01 trams'],
		['site:x trams', 'site:x trams'],
		['covid-19 and pros - cons', 'covid-19 and pros - cons'],
		['see https://example.org/lang:de', 'see https://example.org/lang:de'],
		['lang:deutsch', 'lang:deutsch'],
	])('leaves what is no operator in the question: %s', (query, text) => {
		expect(plan(query)).toEqual({ text, filters: {} });
	});

	it('looks for the operators themselves when there is nothing else', () => {
		expect(plan('site:example.org')).toEqual({
			text: 'site:example.org',
			filters: { includeDomains: ['example.org'] },
		});
	});

	it.each([
		[{ recency: 'day' }, { from: '2026-03-09', to: '2026-03-10' }],
		[{ recency: 'week' }, { from: '2026-03-03', to: '2026-03-10' }],
		[
			{ recency: 'year', from: '2026-01-01' },
			{ from: '2026-01-01', to: '2026-03-10' },
		],
		[{ to: '2020-12-31' }, { from: '1900-01-01', to: '2020-12-31' }],
	] as const)('knows both ends of %j', (filters, dates) => {
		expect(plan('trams', filters).filters).toEqual({ dates });
	});

	it('takes domains as people paste them, and joins them with those of the question', () => {
		const filters = { includeDomains: ['https://Docs.Example.org/page', '*.b.org'] };
		expect(plan('trams site:c.org', filters).filters).toEqual({
			includeDomains: ['c.org', 'docs.example.org', 'b.org'],
		});
	});

	it('prefers what is asked for besides the question', () => {
		expect(plan('trams lang:de', { language: 'fr' }).filters).toEqual({ language: 'fr' });
	});

	it.each([
		[{ from: 'yesterday' }, 'from: must be a day such as 2026-01-31'],
		[{ language: 'german' }, 'language: must be two letters such as en'],
		[{ region: 'Austria' }, 'region: must be two letters such as US'],
		[{ includeDomains: ['no domain'] }, 'must be a domain such as example.org'],
	])('refuses %j', (filters, message) => {
		expect(() => plan('trams', filters)).toThrow(message);
	});
});

describe('a long question', () => {
	it('has quotation marks and dashes as prose has them', () => {
		const question =
			'How can one check that a module "matches" the contexts in which it is used, and -if at all- when?';
		const { text, filters } = planSearch(question, {}, { now: () => 0 });
		expect(text).toBe(question);
		expect(filters).toEqual({});
	});
});
