import { duplicatesOf } from '../../../lib/search/duplicates';

const ARTICLE =
	'The city council voted on Tuesday to build four new tram lines by 2031. The lines will connect the ' +
	'northern suburbs with the harbour, where twenty thousand new homes are planned. Critics say that the ' +
	'cost, put at two billion, is far too low. The mayor answered that the federal government pays half of it.';

describe('duplicatesOf', () => {
	it('finds a reprint with a frame around it, a teaser and a reordered copy', () => {
		const reprint = `Sign up for our newsletter. ${ARTICLE} All rights reserved by the wire service.`;
		const teaser = ARTICLE.split('. ').slice(0, 2).join('. ');
		const reordered = ARTICLE.split('. ').reverse().join('. ');
		expect(duplicatesOf([ARTICLE, reprint, teaser, reordered])).toEqual([undefined, 0, 0, 0]);
	});

	it('keeps texts apart that only share their subject', () => {
		const other =
			'Four tram lines are planned for the harbour, but engineers doubt that they can be built before 2035.';
		expect(duplicatesOf([ARTICLE, other])).toEqual([undefined, undefined]);
	});

	it('knows very short and empty texts', () => {
		expect(duplicatesOf(['Yes', 'No', 'Yes', '', ''])).toEqual([
			undefined,
			undefined,
			0,
			undefined,
			undefined,
		]);
	});
});

describe('duplicatesOf, among many texts', () => {
	it('finds a copy with every seventh word changed', () => {
		const edited = ARTICLE.split(' ')
			.map((word, at) => (at % 7 === 6 ? 'changed' : word))
			.join(' ');
		expect(duplicatesOf([ARTICLE, edited])).toEqual([undefined, 0]);
	});

	it('names the earliest text, not a copy of it', () => {
		expect(duplicatesOf([ARTICLE, ARTICLE, `${ARTICLE} And so on.`])).toEqual([undefined, 0, 0]);
	});

	it('keeps texts apart that share a line, however many there are', () => {
		const texts = Array.from(
			{ length: 300 },
			(_, at) =>
				`All rights reserved. Article ${at} tells of matter ${at} in place ${at} at length.`,
		);
		expect(new Set(duplicatesOf(texts))).toEqual(new Set([undefined]));
	});
});
