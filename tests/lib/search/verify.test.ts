import fc from 'fast-check';

import { isVerbatim, verdictOf } from '../../../lib';
import { sentencesOf } from '../../../lib/search/sentences';

const SOURCE =
	'Revenue rose by 5.5 percent in 2024, to 1,200 million. The board — and its chair — did not agree. ' +
	'“Costs are not falling,” said the CFO.';

describe('isVerbatim', () => {
	it('accepts every sentence of its own source', () => {
		for (const { text } of sentencesOf(SOURCE)) expect(isVerbatim(text, SOURCE)).toBe(true);
	});

	it('forgives spaces, quotation marks and dashes only', () => {
		expect(isVerbatim('The board - and its\n chair - did not agree.', SOURCE)).toBe(true);
		expect(isVerbatim('"Costs are not falling," said the CFO.', SOURCE)).toBe(true);
		expect(isVerbatim('the board - and its chair - did not agree.', SOURCE)).toBe(false);
	});

	it.each([
		['a number cut short', 'Revenue rose by 5'],
		['a number cut at a comma', 'to 1'],
		['a number without its beginning', '5 percent in 2024'],
		['a word cut short', 'The board — and its cha'],
		['a word without its beginning', 'ard — and its chair'],
		['another number', 'Revenue rose by 6.5 percent in 2024'],
		['a negation left out', 'The board — and its chair — did agree.'],
		['a negation put in', 'Revenue rose by not 5.5 percent'],
		['nothing', ' '],
	])('refuses %s', (_, quote) => {
		expect(isVerbatim(quote, SOURCE)).toBe(false);
	});

	it('refuses a sentence with any one word changed', () => {
		const sentence = 'Revenue rose by 5.5 percent in 2024, to 1,200 million.';
		fc.assert(
			fc.property(
				fc.nat(sentence.split(' ').length - 1),
				fc.stringMatching(/^[a-z0-9]{1,8}$/),
				(position, word) => {
					const changed = sentence.split(' ');
					fc.pre(changed[position] !== word);
					changed[position] = word;
					expect(isVerbatim(changed.join(' '), SOURCE)).toBe(false);
				},
			),
		);
	});
});

describe('verdictOf', () => {
	const sources = [
		{ n: 1, text: 'The sky is blue today.' },
		{ n: 2, text: 'Grass is green. The sky is blue today.' },
	];

	it('verifies a sentence that every cited source contains', () => {
		expect(verdictOf('The sky is blue today.', [1, 2], sources)).toBe('verified');
	});

	it('does not verify when one of the cited sources lacks it, is unknown, or none is cited', () => {
		expect(verdictOf('Grass is green.', [1, 2], sources)).toBe('weak');
		expect(verdictOf('The sky is blue today.', [3], sources)).toBe('unsupported');
		expect(verdictOf('The sky is blue today.', [], sources)).toBe('unsupported');
	});
});
