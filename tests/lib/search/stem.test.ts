import { stem } from '../../../lib/search/stem';

/** Examples of Porter's paper, one or more for each step. */
const EXAMPLES: Readonly<Record<string, string>> = {
	caresses: 'caress',
	ponies: 'poni',
	cats: 'cat',
	feed: 'feed',
	agreed: 'agre',
	plastered: 'plaster',
	bled: 'bled',
	motoring: 'motor',
	sing: 'sing',
	conflated: 'conflat',
	troubled: 'troubl',
	sized: 'size',
	hopping: 'hop',
	falling: 'fall',
	hissing: 'hiss',
	filing: 'file',
	happy: 'happi',
	sky: 'sky',
	relational: 'relat',
	conditional: 'condit',
	vietnamization: 'vietnam',
	operator: 'oper',
	decisiveness: 'decis',
	hopefulness: 'hope',
	formality: 'formal',
	triplicate: 'triplic',
	electrical: 'electr',
	goodness: 'good',
	revival: 'reviv',
	allowance: 'allow',
	inference: 'infer',
	adjustable: 'adjust',
	replacement: 'replac',
	adoption: 'adopt',
	probate: 'probat',
	rate: 'rate',
	cease: 'ceas',
	controll: 'control',
	roll: 'roll',
	year: 'year',
	yes: 'ye',
	connection: 'connect',
	connecting: 'connect',
};

describe('stem', () => {
	it.each(Object.entries(EXAMPLES))('makes %s into %s', (word, expected) => {
		expect(stem(word)).toBe(expected);
	});

	it('leaves short words, numbers and other scripts alone', () => {
		expect(['ad', '2040', 'größen', '東京', 'b2b'].map(stem)).toEqual([
			'ad',
			'2040',
			'größen',
			'東京',
			'b2b',
		]);
	});
});
