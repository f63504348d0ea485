/** Where a quote stands in a text: `text.slice(start, end)`. */
export interface Place {
	start: number;
	end: number;
}

/** A piece of a text that is folded at once: a character with its marks, or Korean letters. */
const PIECE = /[\u1100-\u11ff]+|[^]\p{M}*/gu;

const INVISIBLE = /[\u00ad\u200b-\u200d\u2060\ufeff]/g;

/**
 * A text that is searched for quotes, word for word.
 *
 * Only what readers cannot see is forgiven: spaces, forms of quotation marks and dashes, Unicode
 * compositions. A quote may not begin or end within a word or a number: "rose by 5" is not a quote
 * of "rose by 50" or of "rose by 5.5".
 */
export class QuotableText {
	private readonly folded: string;
	/** For each character of the folded text, where it begins and ends in the text. */
	private readonly starts: number[] = [];
	private readonly ends: number[] = [];

	constructor(text: string) {
		const parts: string[] = [];
		let isSpace = true;
		for (const match of text.matchAll(PIECE)) {
			for (const char of foldedPiece(match[0])) {
				const space = char === ' ';
				if (space && isSpace) continue;
				isSpace = space;
				parts.push(char);
				for (let unit = 0; unit < char.length; unit++) {
					this.starts.push(match.index);
					this.ends.push(match.index + match[0].length);
				}
			}
		}
		this.folded = parts.join('');
	}

	/** Where a quote stands, first place first, or `undefined` when it does not. */
	find(quote: string): Place | undefined {
		const needle = foldedText(quote);
		if (needle === '') return undefined;
		const { folded } = this;
		for (let at = folded.indexOf(needle); at !== -1; at = folded.indexOf(needle, at + 1)) {
			const last = at + needle.length - 1;
			if (isWhole(folded, at, last + 1)) return { start: this.starts[at]!, end: this.ends[last]! };
		}
		return undefined;
	}

	has(quote: string): boolean {
		return this.find(quote) !== undefined;
	}
}

function foldedText(text: string): string {
	const pieces = text.match(PIECE) ?? [];
	return pieces.map(foldedPiece).join('').replace(/ +/g, ' ').trim();
}

function foldedPiece(piece: string): string {
	// Nearly all of most texts.
	if (piece.length === 1 && piece > ' ' && piece < '\u007f') return piece;
	return piece
		.normalize('NFKC')
		.replace(INVISIBLE, '')
		.replace(/[‘’‚‛]/g, "'")
		.replace(/[“”„‟«»]/g, '"')
		.replace(/[‐‑‒–—―−]/g, '-')
		.replace(/\s/g, ' ');
}

const LETTER = /[\p{L}\p{N}]/u;

/** Whether neither end of a stretch cuts a word or a number in two. */
function isWhole(text: string, start: number, end: number): boolean {
	const before = text.slice(Math.max(0, start - 2), start);
	const after = text.slice(end, end + 2);
	const first = text[start]!;
	const last = text[end - 1]!;
	if (LETTER.test(first) && (LETTER.test(before.slice(-1)) || /\p{N}[.,]$/u.test(before))) {
		return false;
	}
	return !(LETTER.test(last) && (LETTER.test(after.slice(0, 1)) || /^[.,]\p{N}/u.test(after)));
}
