import fc from 'fast-check';

import { backgroundIdf } from '../../../lib/search/background';
import { TextRanker, rankTexts } from '../../../lib/search/rank';

const plain = (...texts: string[]) => texts.map((text) => ({ title: '', text }));

/** The numbers of the texts, best first. */
const order = (query: string, texts: ReturnType<typeof plain>) => {
	const scores = rankTexts(query, texts);
	return [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!);
};

describe('backgroundIdf', () => {
	it('is the lower the more usual a word is, and the same for all unknown ones', () => {
		const values = ['us', 'anim', 'airfoil', 'zzyzx'].map(backgroundIdf);
		expect([...values].sort((a, b) => a - b)).toEqual(values);
		expect(backgroundIdf('qqfoo')).toBe(backgroundIdf('qqbar'));
	});
});

describe('rankTexts', () => {
	it('lets a rare word count more than a usual one, however often both occur in the texts', () => {
		const texts = plain('Animals of the plains.', 'Airfoils of the plains.');
		expect(order('animal airfoil', texts)[0]).toBe(1);
	});

	it('prefers the words of the question in their order', () => {
		const texts = plain('The house, painted white, has a roof.', 'The white house has a roof.');
		expect(order('white house', texts)[0]).toBe(1);
	});

	it('prefers a title that matches', () => {
		const texts = [
			{ title: 'Cooking', text: 'All about tram lines.' },
			{ title: 'Tram lines', text: 'All about cooking.' },
		];
		expect(order('tram lines', texts)[0]).toBe(1);
	});

	it('finds words by their pieces where stemming does not help', () => {
		const texts = plain('Die Straße wird gebaut.', 'Die Straßenbahnhaltestelle wird gebaut.');
		expect(order('Straßenbahn', texts)[0]).toBe(1);
	});

	it('gives 0 where nothing matches, and no score for no texts', () => {
		expect([...rankTexts('tram', plain('Pasta with salt.'))]).toEqual([0]);
		expect(rankTexts('tram', [])).toHaveLength(0);
		expect([...rankTexts('', plain('Pasta with salt.', ''))]).toEqual([0, 0]);
	});

	it('gives a finite score to every text, for any texts and question', () => {
		const text = fc.string({ unit: 'grapheme', maxLength: 60 });
		fc.assert(
			fc.property(
				text,
				fc.array(fc.record({ title: text, text }), { maxLength: 6 }),
				(query, texts) => {
					const scores = new TextRanker(texts, { feedback: true }).scores(query);
					expect(scores).toHaveLength(texts.length);
					expect(scores.every((score) => score >= 0 && Number.isFinite(score))).toBe(true);
				},
			),
		);
	});
});

describe('ranking with feedback', () => {
	it('finds a text that shares no word with the question, but with its best texts', () => {
		const others = Array.from(
			{ length: 40 },
			(_, at) => `Recipe number ${at} with salt and pepper.`,
		);
		const texts = plain(
			'Trams need electric overhead catenary cables.',
			'Trams draw power from catenary cables above.',
			'Catenary cables are hung from poles.',
			...others,
		);
		expect(new TextRanker(texts).scores('trams')[2]).toBe(0);
		const scores = new TextRanker(texts, { feedback: true }).scores('trams');
		expect(scores[2]).toBeGreaterThan(0);
		expect(scores[0]).toBeGreaterThan(scores[2]!);
		expect(scores[5]).toBe(0);
	});

	it('puts texts that agree with each other before one that stands alone', () => {
		const texts = plain(
			'Mercury, ships, sea.',
			'The planet Mercury has no moon.',
			'No moon circles the planet Mercury.',
			...Array.from({ length: 20 }, (_, at) => `Recipe number ${at} with salt and pepper.`),
		);
		const first = (options: { feedback: boolean }) => {
			const scores = new TextRanker(texts, options).scores('mercury');
			return scores.indexOf(Math.max(...scores));
		};
		expect(first({ feedback: false })).toBe(0);
		expect(first({ feedback: true })).toBe(1);
	});
});
