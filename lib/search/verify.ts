/** A text a sentence may be quoted from. */
export interface QuotedSource {
	/** The number citations name, 1, 2, … */
	n: number;
	text: string;
}

/** `verified`: every cited source contains the sentence word for word. */
export type Verdict = 'verified' | 'unverified';

/**
 * Checks a sentence against the sources it cites: it must cite at least one, every one must exist,
 * and every one must contain it verbatim, from the start of a word to the end of one.
 */
export function verdictOf(
	sentence: string,
	citations: readonly number[],
	sources: readonly QuotedSource[],
): Verdict {
	const quoted = citations.every((n) => {
		const source = sources.find((candidate) => candidate.n === n);
		return source !== undefined && isVerbatim(sentence, source.text);
	});
	return citations.length > 0 && quoted ? 'verified' : 'unverified';
}

/**
 * Whether a text contains a quote word for word.
 *
 * Only what readers cannot see is forgiven: spaces, forms of quotation marks and dashes, Unicode
 * compositions. A quote may not begin or end within a word or a number: "rose by 5" is not a quote
 * of "rose by 50" or of "rose by 5.5".
 */
export function isVerbatim(quote: string, text: string): boolean {
	const needle = folded(quote);
	if (needle === '') return false;
	const haystack = folded(text);
	for (let at = haystack.indexOf(needle); at !== -1; at = haystack.indexOf(needle, at + 1)) {
		if (isWhole(haystack, at, at + needle.length)) return true;
	}
	return false;
}

function folded(text: string): string {
	return text
		.normalize('NFKC')
		.replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, '')
		.replace(/[‘’‚‛]/g, "'")
		.replace(/[“”„‟«»]/g, '"')
		.replace(/[‐‑‒–—―−]/g, '-')
		.replace(/\s+/g, ' ')
		.trim();
}

/** Whether neither end of a stretch cuts a word or a number in two. */
function isWhole(text: string, start: number, end: number): boolean {
	const letter = /[\p{L}\p{N}]/u;
	const before = text.slice(Math.max(0, start - 2), start);
	const after = text.slice(end, end + 2);
	const first = text[start]!;
	const last = text[end - 1]!;
	if (letter.test(first) && (letter.test(before.slice(-1)) || /\p{N}[.,]$/u.test(before))) {
		return false;
	}
	return !(letter.test(last) && (letter.test(after.slice(0, 1)) || /^[.,]\p{N}/u.test(after)));
}
