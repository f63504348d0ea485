import fc from 'fast-check';

import { QuotableText } from '../../../lib/search/quotable';

/** Words that occur in texts, and others that do not. */
const WORDS =
	'the board rose by 5.5 percent 2024 not its chair, costs fell 1,200 (net) was “high” – so'.split(
		' ',
	);
const sentence = fc
	.array(fc.constantFrom(...WORDS), { minLength: 6, maxLength: 14 })
	.map((all) => `${all.join(' ')}.`);
const text = fc.array(sentence, { minLength: 1, maxLength: 5 });

/** What goes wrong when a quote is copied. */
const CORRUPTIONS: Array<(words: string[], at: number) => string[]> = [
	(words, at) => words.with(at, 'fabricated'),
	(words, at) => words.with(at, `${words[at]}s9`),
	(words, at) => words.toSpliced(at, 0, 'hardly'),
	(words, at) =>
		words.with(at, String(Number.parseInt(words[at]!.replace(/\D/g, '') || '7', 10) + 1113)),
];

describe('QuotableText', () => {
	it('accepts every sentence of a text, also with other spaces, quotation marks and dashes', () => {
		fc.assert(
			fc.property(text, fc.nat(), (sentences, pick) => {
				const source = new QuotableText(sentences.join(' '));
				const quote = sentences[pick % sentences.length]!;
				expect(source.has(quote)).toBe(true);
				const other = quote.replace(/ /g, '\n ').replace(/[“”]/g, '"').replace(/–/g, '-');
				expect(source.has(other)).toBe(true);
			}),
			{ numRuns: 3000 },
		);
	});

	it('refuses every sentence with one word changed, lengthened or put in', () => {
		fc.assert(
			fc.property(text, fc.nat(), fc.nat(), fc.nat(), (sentences, pick, place, kind) => {
				const source = new QuotableText(sentences.join(' '));
				const words = sentences[pick % sentences.length]!.split(' ');
				const corrupt = CORRUPTIONS[kind % CORRUPTIONS.length]!;
				expect(source.has(corrupt(words, place % words.length).join(' '))).toBe(false);
			}),
			{ numRuns: 4000 },
		);
	});

	it('says where a quote stands in the text as it is', () => {
		const source = 'Intro.  The\u00a0“cafe\u0301” — it’s   open\u00ad. End.';
		const place = new QuotableText(source).find('The "café" - it\'s open.')!;
		expect(source.slice(place.start, place.end)).toBe('The\u00a0“cafe\u0301” — it’s   open\u00ad.');
	});

	it('finds nothing by an empty quote, and the first of several places', () => {
		expect(new QuotableText('a b a b').find('  ')).toBeUndefined();
		expect(new QuotableText('a b a b').find('a b')).toEqual({ start: 0, end: 3 });
	});

	it('passes over a place that cuts a word for one that does not', () => {
		expect(new QuotableText('tramway, tram').find('tram')).toEqual({ start: 9, end: 13 });
	});

	it('keeps whole what lies outside the basic plane', () => {
		const source = 'Up 🚋🚋 and away.';
		expect(new QuotableText(source).find('🚋 and away.')).toEqual({ start: 5, end: source.length });
	});
});
