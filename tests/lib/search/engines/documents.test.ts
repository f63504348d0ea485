import { documentsEngine } from '../../../../lib';
import type { SourceDocument } from '../../../../lib';

const find = async (documents: readonly SourceDocument[], text: string) =>
	await documentsEngine(documents).search({
		text,
		limit: 10,
		signal: new AbortController().signal,
		timeoutMs: 1000,
	});

/** Texts about nothing in particular, each with words of its own. */
const fillers = (count: number): SourceDocument[] =>
	Array.from({ length: count }, (_, at) => ({
		text: `Report ${at} of the harbour office names ship${at} and crew${at % 40}.`,
	}));

/** What is about trams says "pantograph" as well; of two others the longer one does so, too. */
const trams = Array.from({ length: 8 }, (_, at) => ({
	text: `Trams of line ${at} have a pantograph; every tram lifts its pantograph to the wire.`,
}));
const bare = { text: 'The tram museum opens on Sundays and shows posters to visitors.' };
const related = {
	text: 'The tram museum opens on Sundays and shows a pantograph to many visitors.',
};

describe('documentsEngine', () => {
	it('ranks by the words of the best documents too, where there are 500 or more', async () => {
		const scoresOf = async (documents: SourceDocument[]) => {
			const texts = (await find(documents, 'tram')).map(({ text }) => text);
			return { related: texts.indexOf(related.text), bare: texts.indexOf(bare.text) };
		};
		const some = [...trams, bare, related];
		const many = await scoresOf([...some, ...fillers(490)]);
		expect(many.related).toBeLessThan(many.bare);
		const few = await scoresOf([...some, ...fillers(489)]);
		expect(few.bare).toBeLessThan(few.related);
	});
});
