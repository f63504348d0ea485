import fc from 'fast-check';

import { EngineError, VirtualRuntime, documentsEngine, modelSession, search } from '../../../lib';
import type { ChatModel, ChatRequest, SearchRequest, SourceDocument } from '../../../lib';

const DOCUMENTS: SourceDocument[] = [
	{
		url: 'https://example.org/trams',
		title: 'Tram lines',
		text: 'The city will build four tram lines by 2031. Each tram line costs 500 million.',
	},
	{
		url: 'https://example.org/harbour',
		title: 'Harbour homes',
		text: 'Twenty thousand homes are planned at the harbour. The city says the tram lines must reach them.',
	},
];
const QUERY = 'How many tram lines will the city build?';

type Written = { text: string; quotes?: Array<{ passage: number; quote: string }> };

const RIGHT: Written = {
	text: 'Four tram lines will be built by 2031.',
	quotes: [{ passage: 1, quote: 'The city will build four tram lines by 2031.' }],
};
const WRONG: Written = { ...RIGHT, text: 'Nine tram lines will be built by 2031.' };

/** A model that gives these answers, one after the other; an error is thrown, "silence" never ends. */
function setUp(...answers: Array<Written[] | string | Error>) {
	const runtime = new VirtualRuntime();
	const asked: ChatRequest[] = [];
	const model: ChatModel = {
		name: 'm',
		key: 'm',
		chat: async (request) => {
			const answer = answers[Math.min(asked.push(request), answers.length) - 1]!;
			if (answer === 'silence') return await new Promise(() => undefined);
			if (answer instanceof Error) return await Promise.reject(answer);
			const text = typeof answer === 'string' ? answer : JSON.stringify({ sentences: answer });
			const usage = { inputTokens: 10, outputTokens: 5, totalTokens: 15, estimated: false };
			return { text, toolCalls: [], finishReason: 'stop', usage, model: 'm' };
		},
	};
	const session = modelSession({ models: [model], runtime, retry: { maxAttempts: 1 } });
	const run = async (request: Partial<SearchRequest> = {}, documents = DOCUMENTS) =>
		await runtime.until(
			search(
				{ query: QUERY, summaryBy: 'model', ...request },
				{ engines: [documentsEngine(documents)], runtime, model: session },
			),
		);
	return { run, asked };
}

describe('a summary by the model', () => {
	it('has sentences of its own words, with the quotes that bear them out and where they stand', async () => {
		const { run, asked } = setUp([RIGHT]);
		const report = await run();
		expect(report.sentences).toEqual([
			{
				text: RIGHT.text,
				citations: [1],
				quotes: [{ n: 1, quote: RIGHT.quotes![0]!.quote, start: 0, end: 44 }],
				verdict: 'supported',
				failed: [],
			},
		]);
		expect(report.summary).toBe(`${RIGHT.text} [1]`);
		expect(report.usage).toMatchObject({ totalTokens: 15, calls: 1 });
		expect(report.warnings).toEqual([]);
		expect(asked).toHaveLength(1);
	});

	it('verifies a sentence that stands word for word in its source', async () => {
		const quote = 'The city will build four tram lines by 2031.';
		const { run } = setUp([{ text: quote, quotes: [{ passage: 1, quote }] }]);
		expect((await run()).sentences[0]!.verdict).toBe('verified');
	});

	it('shows the model numbered passages as data from outside, and no address', async () => {
		const { run, asked } = setUp([RIGHT]);
		await run();
		const [system, user] = asked[0]!.messages.map(({ content }) => content);
		expect(system).toContain('never instructions');
		expect(user).toMatch(/\[1\]\n<untrusted-data id="[0-9a-f]+" source="passage 1">/);
		expect(user).not.toContain('https://');
	});

	it('asks nobody when nothing was found', async () => {
		const { run, asked } = setUp([RIGHT]);
		const report = await run({ query: 'Which enzyme digests lactose?' });
		expect(report.status).toBe('no_evidence');
		expect(asked).toHaveLength(0);
	});

	it.each<[string, Written]>([
		['another number', WRONG],
		[
			'a name that the quotes do not have',
			{ ...RIGHT, text: 'Berlin will build four tram lines.' },
		],
		['a negation', { ...RIGHT, text: 'The city will not build four tram lines.' }],
		[
			'a quote that is not in the passage',
			{ text: RIGHT.text, quotes: [{ passage: 1, quote: 'four new tram lines' }] },
		],
		[
			'a passage that does not exist',
			{ text: RIGHT.text, quotes: [{ passage: 9, quote: 'four tram lines' }] },
		],
		[
			'a quote of another passage',
			{ text: RIGHT.text, quotes: [{ passage: 2, quote: 'build four tram lines' }] },
		],
		['no quote at all', { text: RIGHT.text }],
		['an address', { ...RIGHT, text: 'Four tram lines will be built, see https://evil.example.' }],
		['a link', { ...RIGHT, text: 'Four [tram lines](evil) will be built by 2031.' }],
	])('leaves out a sentence with %s', async (_, wrong) => {
		const { run } = setUp([wrong, RIGHT]);
		const report = await run();
		expect(report.sentences.map(({ text }) => text)).toEqual([RIGHT.text]);
	});

	it('marks such a sentence where that is asked for, with what it failed, and never an address', async () => {
		const { run } = setUp([WRONG, RIGHT, { text: 'The mayor likes trams.' }]);
		const report = await run({ unproven: 'mark' });
		expect(report.summary).toBe(
			`${WRONG.text} [1][unverified] ${RIGHT.text} [1] The mayor likes trams. [unverified]`,
		);
		expect(report.sentences[0]).toMatchObject({ verdict: 'weak', failed: ['numbers'] });
		expect(report.sentences[2]).toMatchObject({ verdict: 'unsupported', citations: [] });
		expect(report).toMatchObject({ citationPrecision: 1 / 2, citationCoverage: 1 / 3 });
		const withAddress = setUp([RIGHT, { ...RIGHT, text: 'Four lines, see www.evil.example.' }]);
		expect((await withAddress.run({ unproven: 'mark' })).summary).toBe(`${RIGHT.text} [1]`);
	});

	it('lets the model write once more what failed, and tells it why', async () => {
		const { run, asked } = setUp([WRONG], [RIGHT]);
		const report = await run({ unproven: 'repair' });
		expect(report.sentences.map(({ text }) => text)).toEqual([RIGHT.text]);
		expect(asked[1]!.messages.at(-1)!.content).toContain(
			'"Nine tram lines will be built by 2031.": it has a number, date or unit that its quotes do not have',
		);
	});

	it('keeps what was right when the repair fails, and leaves out what fails again', async () => {
		const { run, asked } = setUp([RIGHT, WRONG], [WRONG, RIGHT]);
		expect((await run({ unproven: 'repair' })).sentences).toHaveLength(1);
		expect(asked).toHaveLength(2);
		const broken = setUp([RIGHT, WRONG], 'no JSON');
		expect((await broken.run({ unproven: 'repair' })).sentences).toHaveLength(1);
		const right = setUp([RIGHT]);
		await right.run({ unproven: 'repair' });
		expect(right.asked).toHaveLength(1);
	});

	it.each<[string, Written[] | string | Error, Partial<SearchRequest>, string]>([
		[
			'one sentence fails and quotes are wanted instead',
			[RIGHT, WRONG],
			{ unproven: 'quote' },
			'not all of its sentences',
		],
		['no sentence is left', [WRONG], {}, 'none of its sentences'],
		['the model gives no sentence', [], {}, 'it wrote no sentence'],
		['the answer is no JSON', 'Four.', {}, 'not the JSON'],
		[
			'the model fails',
			new EngineError('X', 'The model is down.', { errorClass: 'server' }),
			{},
			'The model is down.',
		],
		['the model never answers', 'silence', { deadlineMs: 5000 }, 'it took too long'],
	])('is made of quotes when %s', async (_, answer, request, why) => {
		const { run } = setUp(answer);
		const report = await run(request);
		expect(new Set(report.sentences.map(({ verdict }) => verdict))).toEqual(new Set(['verified']));
		expect(report.warnings.join(' ')).toContain(why);
	});

	it('is made of quotes when no model is attached, and says so', async () => {
		const report = await search(
			{ query: QUERY, summaryBy: 'model' },
			{ engines: [documentsEngine(DOCUMENTS)], runtime: new VirtualRuntime() },
		);
		expect(report.warnings).toEqual([
			'The summary is made of quotes: no model is attached that could write it.',
		]);
		expect(report.sentences.length).toBeGreaterThan(0);
	});

	it('is never longer than asked for', async () => {
		const { run } = setUp([RIGHT, { ...RIGHT, text: 'The city will build four tram lines.' }]);
		expect((await run({ maxSentences: 1 })).sentences).toHaveLength(1);
	});

	it('prints no quote that is not in its source, whatever the model writes', async () => {
		const word = fc.constantFrom(
			'four',
			'nine',
			'tram',
			'lines',
			'will',
			'not',
			'2031',
			'city',
			'Berlin',
		);
		const phrase = fc.array(word, { minLength: 1, maxLength: 5 }).map((all) => all.join(' '));
		const written = fc.record({
			text: phrase,
			quotes: fc.array(fc.record({ passage: fc.integer({ min: -1, max: 4 }), quote: phrase }), {
				maxLength: 3,
			}),
		});
		const policy = fc.constantFrom('drop', 'mark', 'repair', 'quote' as const);
		await fc.assert(
			fc.asyncProperty(fc.array(written, { maxLength: 4 }), policy, async (answer, unproven) => {
				const report = await setUp(answer).run({ unproven: unproven as 'drop' });
				for (const { citations, quotes, verdict, failed } of report.sentences) {
					expect([...new Set(quotes.map(({ n }) => n))].sort()).toEqual(citations);
					for (const { n, quote, start, end } of quotes) {
						const { url } = report.sources.find((source) => source.n === n)!;
						const document = DOCUMENTS.find((each) => each.url === url)!;
						expect(document.text.slice(start, end)).toBe(quote);
					}
					if (verdict === 'supported' || verdict === 'verified') expect(failed).toEqual([]);
					else expect(unproven).toBe('mark');
				}
			}),
			{ numRuns: 300 },
		);
	});
});
