import { documentsOf } from '../../../nodes/SwarmSearch/documents';

const document = {
	title: 'T',
	url: 'https://example.org',
	text: 'Text.',
	publishedAt: '2026-01-01',
};

describe('documentsOf', () => {
	it.each([
		['one text', 'Text.'],
		['a list of texts', ['Text.']],
		['JSON text', '["Text."]'],
		['an object', { text: 'Text.' }],
		['an object with another name for its text', { content: 'Text.' }],
		['a whole item', { json: { pageContent: 'Text.' } }],
	])('takes %s', (_, value) => {
		expect(documentsOf(value).map(({ text }) => text)).toEqual(['Text.']);
	});

	it('keeps title, URL and date', () => {
		expect(documentsOf([document])).toEqual([document]);
	});

	it('takes text that only looks like JSON for text', () => {
		expect(documentsOf('[sic] he wrote.')).toEqual([{ text: '[sic] he wrote.' }]);
	});

	it.each([[undefined], [null], [''], [[]]])('finds no documents in %j', (value) => {
		expect(documentsOf(value)).toEqual([]);
	});

	it('names the entry without text and shows it', () => {
		expect(() => documentsOf([document, { title: 'Only a title' }])).toThrow(
			'Documents: entry 2 holds no text, received {"title":"Only a title"}.',
		);
	});
});
