import { isRelated, isRelevant } from '../../../lib/search/relevance';

describe('isRelevant', () => {
	it.each([
		['capital of Australia', 'The capital gains of Australia.', true],
		['capital of Australia', 'Capital gains are taxed.', false],
		['tram lines in the harbour city', 'The tram lines are long.', true],
		['tram lines in the harbour city', 'The city is large.', false],
		['what is the best way', 'No word of it.', false],
		['', 'Anything.', false],
	])('asks of "%s" in "%s": %s', (query, text, expected) => {
		expect(isRelevant(query, text)).toBe(expected);
	});
});

describe('isRelated', () => {
	it('is content with one word that says something', () => {
		const query = 'tram catenary in the city';
		expect(isRelated(query, 'A catenary is a curve.')).toBe(true);
		expect(isRelated(query, 'Pasta with salt.')).toBe(false);
	});

	it('is as strict as for quoting where the question has but two words', () => {
		expect(isRelated('capital of Australia', 'Capital gains are taxed.')).toBe(false);
	});

	it('takes any one of many words', () => {
		const query = 'shock waves on slender wings at supersonic speed in dry air with heat';
		expect(isRelated(query, 'The heat of the day.')).toBe(true);
	});
});
