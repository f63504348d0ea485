import { stem } from './stem';
import { terms } from './tokens';

const SNIPPET_WORDS = 45;

/** The stretch of a text, about 45 words, with the most words of the query; verbatim. */
export function snippetOf(text: string, query: string): string {
	const wanted = new Set(terms(query));
	const pieces = [...text.matchAll(/\S+/g)].map((match) => ({
		start: match.index,
		end: match.index + match[0].length,
		hit: wanted.has(stem(match[0].toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''))),
	}));
	const first = densestWindow(pieces.map(({ hit }) => hit));
	const last = Math.min(first + SNIPPET_WORDS, pieces.length) - 1;
	return last < first ? '' : text.slice(pieces[first]!.start, pieces[last]!.end);
}

/** Where the window of {@link SNIPPET_WORDS} entries with the most hits begins. */
function densestWindow(hits: readonly boolean[]): number {
	let best = { start: 0, hits: -1 };
	let inside = 0;
	hits.forEach((hit, index) => {
		if (hit) inside++;
		if (index >= SNIPPET_WORDS && hits[index - SNIPPET_WORDS]) inside--;
		if (inside > best.hits) best = { start: Math.max(0, index - SNIPPET_WORDS + 1), hits: inside };
	});
	return best.start;
}
