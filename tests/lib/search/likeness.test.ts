import fc from 'fast-check';

import { Bm25Index } from '../../../lib/search/bm25';
import { IndexedTexts } from '../../../lib/search/indexedTexts';
import { Likeness } from '../../../lib/search/likeness';
import { countOf, terms } from '../../../lib/search/tokens';
import { lengthNorm, saturated } from '../../../lib/search/weighting';

const likenessOf = (...texts: string[]) =>
	new Likeness(new IndexedTexts(texts.map((text) => ({ title: '', text }))));

const TRAMS = 'trams draw power from cables';
const CABLES = 'cables are hung from poles';
const PASTA = 'pasta wants salt';

/** The score of every text for the words of one of them, divided by its own. */
function likenessByBm25(texts: readonly string[], to: number): number[] {
	const split = texts.map(terms);
	const average = split.reduce((sum, { length }) => sum + length, 0) / split.length;
	const norm = lengthNorm(split[to]!.length, average);
	const question = new Map(
		[...countOf(split[to]!)].map(([term, count]) => [term, saturated(count, norm)]),
	);
	const scores = new Bm25Index(split, { k1: 1.5, b: 0.75 }).scores(question);
	return scores.map((score) => score / scores[to]!);
}

describe('Likeness', () => {
	it('is the more the more two texts share, and 0 when they share nothing', () => {
		const [, cables, pasta, both] = likenessOf(TRAMS, CABLES, PASTA, `${TRAMS} ${CABLES}`).to(
			new Map([[0, 1]]),
		);
		expect(cables).toBeGreaterThan(0);
		expect(both).toBeGreaterThan(cables!);
		expect(pasta).toBe(0);
	});

	it('compares stems, and words of the title as those of the text', () => {
		const index = new IndexedTexts([
			{ title: 'Trams', text: '' },
			{ title: '', text: 'a tram' },
		]);
		expect(new Likeness(index).to(new Map([[0, 1]]))[1]).toBeCloseTo(1, 12);
	});

	it('does not let a text speak for itself', () => {
		const likeness = likenessOf(TRAMS, CABLES, PASTA);
		expect(likeness.to(new Map([[0, 1]]))[0]).toBe(0);
		const weights = new Map([
			[0, 1],
			[2, 1],
		]);
		expect(likeness.to(weights)[2]).toBe(0);
	});

	it('is 0 to nothing, and to a text without words', () => {
		const likeness = likenessOf(TRAMS, '');
		expect([...likeness.to(new Map())]).toEqual([0, 0]);
		expect([...likeness.to(new Map([[1, 1]]))]).toEqual([0, 0]);
	});

	it('is the mean, by weight, of the BM25 scores for each of the others as the question', () => {
		const word = fc.constantFrom('tram', 'cable', 'pole', 'power', 'line', 'city');
		const text = fc.array(word, { minLength: 1, maxLength: 8 }).map((all) => all.join(' '));
		const weight = fc.integer({ min: 1, max: 9 });
		fc.assert(
			fc.property(fc.array(text, { minLength: 3, maxLength: 8 }), weight, weight, (texts, a, b) => {
				const [first, second] = [likenessByBm25(texts, 0), likenessByBm25(texts, 1)];
				const weights = new Map([
					[0, a],
					[1, b],
				]);
				likenessOf(...texts)
					.to(weights)
					.forEach((found, at) => {
						const mean = (a * first[at]! + b * second[at]!) / (a + b);
						expect(found).toBeCloseTo([second[0]!, first[1]!][at] ?? mean, 9);
					});
			}),
		);
	});
});
