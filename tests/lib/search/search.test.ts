import fc from 'fast-check';

import { EngineError, VirtualRuntime, documentsEngine, isVerbatim, search } from '../../../lib';
import type { SearchEngine, SourceDocument } from '../../../lib';

const runtime = new VirtualRuntime();

const DOCUMENTS: SourceDocument[] = [
	{
		url: 'https://example.org/trams',
		title: 'Tram lines',
		text: 'The city will build four tram lines by 2031. Each tram line costs 500 million. The weather was fine.',
		publishedAt: '2026-03-01',
	},
	{
		url: 'https://example.org/harbour',
		title: 'Harbour homes',
		text: 'Twenty thousand homes are planned at the harbour. The city says the tram lines must reach them.',
	},
	{ title: 'Cooking', text: 'Boil the pasta for nine minutes. Add salt before the water boils.' },
];

const ask = async (query: string, documents = DOCUMENTS) =>
	await search({ query }, { engines: [documentsEngine(documents)], runtime });

function failingEngine(name: string, error: Error): SearchEngine {
	return { name, search: async () => await Promise.reject(error) };
}

describe('search over documents', () => {
	it('answers with verbatim sentences that name their sources', async () => {
		const report = await ask('How many tram lines will the city build?');
		expect(report.status).toBe('completed');
		expect(report.summary).toContain('The city will build four tram lines by 2031. [1]');
		expect(report.sources[0]).toMatchObject({
			n: 1,
			url: 'https://example.org/trams',
			title: 'Tram lines',
			engines: ['Input Documents'],
			score: 1,
			publishedAt: '2026-03-01',
			cited: true,
		});
		expect(report.sources.map(({ title }) => title)).not.toContain('Cooking');
		expect(new Set(report.sentences.map(({ verdict }) => verdict))).toEqual(new Set(['verified']));
		expect(report).toMatchObject({ citationPrecision: 1, citationCoverage: 1 });
	});

	it('leaves out sentences that do not speak about the question', async () => {
		const report = await ask('How many tram lines will the city build?');
		expect(report.summary).not.toContain('weather');
	});

	it('says so and cites nothing when no document speaks about the question', async () => {
		const report = await ask('Which enzyme digests lactose?');
		expect(report).toMatchObject({
			status: 'no_evidence',
			summary: 'Nothing was found that answers "Which enzyme digests lactose?".',
			sentences: [],
			sources: [],
			citationPrecision: null,
			citationCoverage: null,
			coverage: { share: 0, covered: [], missing: ['enzyme', 'digests', 'lactose'] },
		});
		expect(report.engines).toEqual([
			{
				name: 'Input Documents',
				status: 'empty',
				results: 0,
				calls: 2,
				cached: 0,
				durationMs: 0,
				error: null,
				filters: {},
			},
		]);
	});

	it('is not fooled by a document that shares only one of two words', async () => {
		const gains = [{ text: 'Capital gains are taxed at a rate of 25 percent in most countries.' }];
		expect((await ask('What is the capital of Australia?', gains)).status).toBe('no_evidence');
	});

	it('folds copies into the source they repeat', async () => {
		const copy = { url: 'https://mirror.example/trams', title: 'Mirror', text: DOCUMENTS[0]!.text };
		const report = await ask('tram lines of the city', [DOCUMENTS[0]!, copy]);
		expect(report.sources).toHaveLength(1);
		expect(report.sources[0]!.duplicates).toHaveLength(1);
	});

	it('cites every source that has the sentence', async () => {
		const shared = 'The tram lines open in 2031.';
		const first = `${shared} The council voted for the plan after a debate of nine hours on a cold night.`;
		const second = `Engineers doubt the plan for many reasons and wrote a long letter. ${shared}`;
		const report = await ask('When do the tram lines open?', [{ text: first }, { text: second }]);
		expect(report.sentences[0]).toMatchObject({
			text: shared,
			citations: [1, 2],
			verdict: 'verified',
			quotes: [
				{ n: 1, quote: shared },
				{ n: 2, quote: shared },
			],
			failed: [],
		});
	});

	it('names the wordings it used', async () => {
		const report = await ask('How many tram lines will the city build?');
		expect(report.variant_queries[0]).toBe('How many tram lines will the city build?');
		expect(report.variant_queries[1]).toBe('tram lines city build');
		expect(report.variant_queries).toHaveLength(3);
	});

	it('reports progress up to 90 on the way, in order', async () => {
		const seen: number[] = [];
		const onProgress = (progress: number) => seen.push(progress);
		await search(
			{ query: 'tram lines' },
			{ engines: [documentsEngine(DOCUMENTS)], runtime, onProgress },
		);
		expect(seen).toEqual([10, 40, 70, 90]);
	});

	it('cites only what is in the documents, word for word, for any documents and question', async () => {
		const word = fc.constantFrom(
			'tram',
			'city',
			'Line',
			'cost',
			'5.5',
			'not',
			'harbour',
			'a',
			'2031',
		);
		const sentence = fc
			.array(word, { minLength: 3, maxLength: 12 })
			.map((all) => `${all.join(' ')}.`);
		const text = fc.array(sentence, { minLength: 1, maxLength: 6 }).map((all) => all.join(' '));
		await fc.assert(
			fc.asyncProperty(fc.array(text, { maxLength: 5 }), sentence, async (texts, query) => {
				const report = await ask(
					query,
					texts.map((each) => ({ text: each })),
				);
				for (const { text: quote, citations } of report.sentences) {
					expect(citations.length).toBeGreaterThan(0);
					for (const n of citations) {
						expect(report.sources.map((source) => source.n)).toContain(n);
					}
					expect(texts.some((each) => isVerbatim(quote, each))).toBe(true);
				}
			}),
			{ numRuns: 200 },
		);
	});
});

describe('search with several engines', () => {
	const page = {
		url: 'http://www.example.org/trams/',
		title: 'Tram lines of the city',
		snippet: 'The city plans more tram lines.',
	};

	it('asks all engines at the same time', async () => {
		let open = 0;
		let most = 0;
		const slow = (name: string): SearchEngine => ({
			name,
			search: async () => {
				most = Math.max(most, ++open);
				await Promise.resolve();
				open--;
				return [];
			},
		});
		await search(
			{ query: 'tram', maxVariants: 1 },
			{ engines: [slow('A'), slow('B'), slow('C')], runtime },
		);
		expect(most).toBe(3);
	});

	it('merges one page found by two engines and names both', async () => {
		const a: SearchEngine = { name: 'A', search: async () => await Promise.resolve([page]) };
		const other = { ...page, url: 'https://example.org/trams?utm_source=b' };
		const b: SearchEngine = { name: 'B', search: async () => await Promise.resolve([other]) };
		const report = await search({ query: 'city tram lines' }, { engines: [a, b], runtime });
		expect(report.sources).toHaveLength(1);
		expect(report.sources[0]!.engines).toEqual(['A', 'B']);
	});

	it('reports an engine that fails and still answers from the others', async () => {
		const broken = failingEngine(
			'Broken',
			new EngineError('SEARCH_FAILED', 'Broken answered with status 503.', {
				errorClass: 'server',
			}),
		);
		const report = await search(
			{ query: 'How many tram lines will the city build?' },
			{ engines: [broken, documentsEngine(DOCUMENTS)], runtime },
		);
		expect(report.status).toBe('partial');
		expect(report.engines[0]).toMatchObject({
			name: 'Broken',
			status: 'server',
			results: 0,
			error: 'Broken answered with status 503.',
		});
		expect(report.sentences.length).toBeGreaterThan(0);
	});

	it('throws with every cause when no engine answered', async () => {
		const engines = [failingEngine('A', new Error('down')), failingEngine('B', new Error('away'))];
		await expect(search({ query: 'x' }, { engines, runtime })).rejects.toThrow(
			'No search engine answered. A: down B: away',
		);
	});

	it('stops when it is cancelled', async () => {
		const controller = new AbortController();
		controller.abort();
		await expect(
			search(
				{ query: 'tram' },
				{ engines: [documentsEngine(DOCUMENTS)], runtime, signal: controller.signal },
			),
		).rejects.toMatchObject({ code: 'ABORTED' });
	});
});
