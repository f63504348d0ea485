import { closest, didYouMean } from '../../../lib/workflow/closest';

describe('closest', () => {
	it.each([
		['sumarise', ['search', 'summarise'], 'summarise'],
		['SEARCH', ['fetch', 'search'], 'search'],
		['serach', ['search', 'seraph'], 'seraph'],
		['b', ['a', 'c'], undefined],
		['abd', ['abc'], 'abc'],
		['abde', ['abc'], undefined],
		['report', ['search', 'summarise'], undefined],
		['searching-x', ['search'], undefined],
		['', ['abc'], undefined],
		['x', [], undefined],
		['steps', ['step1', 'step2'], 'step1'],
	])('for %j among %j is %j', (word, candidates, best) => {
		expect(closest(word, candidates)).toBe(best);
	});

	it('is put into words', () => {
		expect(didYouMean('serch', ['search'])).toBe(' (did you mean "search"?)');
		expect(didYouMean('zzz', ['search'])).toBe('');
	});
});
