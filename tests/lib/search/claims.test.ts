import { failedChecks } from '../../../lib/search/claims';

const check = (sentence: string, ...quotes: string[]) =>
	failedChecks(sentence, { quotes, titles: [] });

const QUOTE =
	'Siemens built 1,200 trams for Vienna in March 2024, and revenue rose by 5.5 percent.';

describe('failedChecks', () => {
	it.each([
		'Siemens built 1200 trams for Vienna in March 2024.',
		'In March 2024 revenue rose by 5.5 %.',
		'Revenue of Siemens rose by 5.5 percent.',
		'For Vienna, Siemens built 1,200 trams.',
	])('finds nothing wrong with "%s"', (sentence) => {
		expect(check(sentence, QUOTE)).toEqual([]);
	});

	it.each([
		['Siemens built 1,300 trams for Vienna.', 'numbers'],
		['Siemens built 1,200 trams for Vienna in March 2023.', 'numbers'],
		['Siemens built 1,200 million trams for Vienna.', 'numbers'],
		['Revenue rose by 5.5 million.', 'numbers'],
		['Bosch built 1,200 trams for Vienna.', 'names'],
		['Siemens built 1,200 trams for Graz.', 'names'],
		['Siemens built 1,200 trams for Vienna in May 2024.', 'names'],
		['Siemens built trams for the EU in Vienna.', 'names'],
		['Siemens never built 1,200 trams for Vienna.', 'negation'],
		["Siemens didn't build trams for Vienna.", 'negation'],
		['Revenue fell by 5.5 percent.', 'direction'],
		['Passengers complained about noisy brakes near schools.', 'wording'],
	])('finds in "%s" wrong %s', (sentence, failed) => {
		expect(check(sentence, QUOTE)).toContain(failed);
	});

	it('does not let a sentence without negation rest on a negated quote', () => {
		expect(check('The drug works in adults.', 'The drug does not work in adults.')).toContain(
			'negation',
		);
		expect(check('The drug does not work in adults.', 'The drug doesn’t work in adults.')).toEqual(
			[],
		);
	});

	it('reads numbers written as words, with units and with currencies', () => {
		expect(check('The city builds 4 lines.', 'The city builds four lines.')).toEqual([]);
		expect(check('It costs $5 million.', 'It costs €5 million.')).toContain('numbers');
		expect(check('It takes 3 hours.', 'It takes 3 days.')).toContain('numbers');
		expect(check('It costs 5 million.', 'It costs 5 million in all.')).toEqual([]);
	});

	it('takes names from the titles of the sources as well', () => {
		const grounds = { quotes: ['It was built in four years.'], titles: ['The Semmering Tunnel'] };
		expect(failedChecks('The Semmering tunnel was built in four years.', grounds)).toEqual([]);
	});

	it('takes an ordinary word at the beginning for no name', () => {
		expect(check('Revenue rose.', 'The revenue rose.')).toEqual([]);
		expect(check('However, revenue rose.', 'The revenue rose.')).toEqual([]);
	});
});
