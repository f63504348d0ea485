import { VirtualRuntime, documentsEngine, search } from '../../../lib';
import type { SourceDocument } from '../../../lib';

const filler = Array.from(
	{ length: 60 },
	(_, at) => `Sentence ${at} speaks of other matters at length.`,
);
const LONG: SourceDocument = {
	url: 'https://example.org/long',
	title: 'A long report',
	text: [
		...filler.slice(0, 30),
		'The tram lines of the city cost 500 million.',
		...filler.slice(30),
	].join(' '),
};
const SHORT: SourceDocument = { title: 'Tram lines', text: 'The city builds four tram lines.' };

const ask = async (documents: SourceDocument[], maxPassages: number) =>
	await search(
		{ query: 'What do the tram lines of the city cost?', maxPassages },
		{ engines: [documentsEngine(documents)], runtime: new VirtualRuntime() },
	);

describe('passages', () => {
	it('are stretches of the sources, word for word, best first', async () => {
		const { passages, sources } = await ask([LONG, SHORT], 5);
		expect(passages.map(({ text }) => text).join()).toContain('cost 500 million');
		for (const { n, text, start, end } of passages) {
			const document = [LONG, SHORT].find(({ title }) => title === sources[n - 1]!.title)!;
			expect(document.text.slice(start, end)).toBe(text);
			expect(text.length).toBeLessThanOrEqual(700);
		}
		const scores = passages.map(({ score }) => score);
		expect([...scores].sort((a, b) => b - a)).toEqual(scores);
	});

	it('say where they are from', async () => {
		const { passages } = await ask([LONG], 1);
		expect(passages).toHaveLength(1);
		expect(passages[0]).toMatchObject({
			n: 1,
			url: 'https://example.org/long',
			title: 'A long report',
			evidence: 'engine',
		});
	});

	it('are at most three of one source', async () => {
		const text = Array.from({ length: 200 }, () => 'The tram lines of the city cost much.').join(
			' ',
		);
		const { passages } = await ask([{ text }, SHORT], 10);
		expect(passages.filter(({ n }) => n === passages[0]!.n).length).toBeLessThanOrEqual(3);
	});

	it('are none when none are asked for', async () => {
		expect((await ask([LONG], 0)).passages).toEqual([]);
	});
});
