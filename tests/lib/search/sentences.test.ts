import fc from 'fast-check';

import { sentencesOf } from '../../../lib/search/sentences';

const textsOf = (text: string) => sentencesOf(text).map((sentence) => sentence.text);

describe('sentencesOf', () => {
	it('splits at end marks followed by a space', () => {
		expect(textsOf('One is here. Is two? "Yes!" Three.')).toEqual([
			'One is here.',
			'Is two?',
			'"Yes!"',
			'Three.',
		]);
	});

	it('does not split after abbreviations, initials and inside numbers', () => {
		expect(textsOf('Dr. A. Smith paid 3.50 dollars, e.g. in May. He left.')).toEqual([
			'Dr. A. Smith paid 3.50 dollars, e.g. in May.',
			'He left.',
		]);
	});

	it('keeps a wrapped line together and splits paragraphs and lists', () => {
		expect(
			textsOf('A line that was\nwrapped ends here.\nHeading\n\n- first\n- second\n1. third'),
		).toEqual([
			'A line that was\nwrapped ends here.',
			'Heading',
			'- first',
			'- second',
			'1. third',
		]);
	});

	it('splits Chinese and Japanese without spaces', () => {
		expect(textsOf('今日は晴れ。明日は雨。')).toEqual(['今日は晴れ。', '明日は雨。']);
	});

	it('gives verbatim pieces in order that leave out nothing but space, for any text', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
				let end = 0;
				for (const sentence of sentencesOf(text)) {
					expect(text.slice(sentence.start, sentence.end)).toBe(sentence.text);
					expect(text.slice(end, sentence.start).trim()).toBe('');
					end = sentence.end;
				}
				expect(text.slice(end).trim()).toBe('');
			}),
		);
	});
});
