/** Quotes with one thing changed must be refused, quotes as they stand accepted. */
import { isVerbatim, search, documentsEngine } from '../../engine/lib/search/index.js';
import { atLeast, atMost, row } from '../../support/rows.mjs';
import { lots } from './chance.mjs';
import { collections, missing } from './data.mjs';
import { runtime } from './runtime.mjs';

const MIN_CHARS = 60;
const TEXTS_OF_EACH = 2000;

const AUXILIARY = /\b(is|are|was|were|can|has|have)\b/;

const swapped = (quote, strange) => {
	const words = quote.split(' ');
	const at = words.findIndex((word, index) => index > 2 && word.length > 7);
	if (at === -1) return quote;
	words[at] = strange;
	return words.join(' ');
};

/** What goes wrong with quotes; a change that changes nothing is not counted. */
const CORRUPTIONS = {
	'another number': (quote) => quote.replace(/\d+(\.\d+)?/, (number) => String((+number + 7) * 3)),
	'a number cut short': (quote) => quote.replace(/\d(?=[^\d]*$)/, ''),
	'a negation': (quote) => quote.replace(AUXILIARY, '$1 not'),
	'another word': swapped,
	'two words swapped': (quote) => quote.replace(/(\p{L}+) (\p{L}+)/u, '$2 $1'),
};

/** The third sentence of every text that is long enough. */
const quotesOf = (documents) =>
	documents.flatMap(({ title, text }) => {
		const quote = text.split(/(?<=[.!?])\s+/)[2] ?? '';
		return quote.length < MIN_CHARS ? [] : [{ quote, text: `${title}. ${text}` }];
	});

export async function citations() {
	const skipped = missing('ir');
	if (skipped) return { skipped };
	const quotes = collections().flatMap(({ documents }) =>
		quotesOf(documents).slice(0, TEXTS_OF_EACH),
	);
	const chance = lots(7);
	const strange = () => quotes[Math.floor(chance() * quotes.length)].quote.split(' ')[0];
	const corrupted = Object.values(CORRUPTIONS).flatMap((change) =>
		quotes
			.map(({ quote, text }) => ({ quote, text, changed: change(quote, strange()) }))
			.filter(({ quote, text, changed }) => changed !== quote && !text.includes(changed)),
	);
	const accepted = quotes.filter(({ quote, text }) => isVerbatim(quote, text)).length;
	const fooled = corrupted.filter(({ changed, text }) => isVerbatim(changed, text)).length;
	return [
		row('citations/corrupted quotes tried', 'quotes', { ours: corrupted.length }, [atLeast(2900)]),
		row('citations/corrupted quotes accepted', 'quotes', { ours: fooled }, [atMost(0)]),
		row('citations/true quotes tried', 'quotes', { ours: quotes.length }, []),
		row('citations/true quotes accepted', 'share', { ours: accepted / quotes.length }, [
			atLeast(0.995),
		]),
		...(await inAnswers()),
	];
}

/** Every citation of real answers, looked up again in the documents by plain text search. */
async function inAnswers() {
	let cited = 0;
	let right = 0;
	for (const { documents, queries } of collections()) {
		const texts = documents.slice(0, 300).map(({ id, title, text }) => ({
			title,
			text,
			url: `https://library.example/${encodeURIComponent(id)}`,
		}));
		const byUrl = new Map(texts.map(({ url, text }) => [url, text.replace(/\s+/g, ' ')]));
		for (const { text: query } of queries.slice(0, 30)) {
			const report = await search({ query }, { engines: [documentsEngine(texts)], runtime });
			const urls = new Map(report.sources.map(({ n, url }) => [n, url]));
			for (const { text, citations: numbers } of report.sentences) {
				for (const n of numbers) {
					cited++;
					if (byUrl.get(urls.get(n))?.includes(text)) right++;
				}
			}
		}
	}
	return [
		row('citations/printed in answers', 'citations', { ours: cited }, []),
		row('citations/printed and verbatim', 'share', { ours: right / cited }, [atLeast(1)]),
	];
}
