/** A sentence and where it stands: `text === source.slice(start, end)`. */
export interface Sentence {
	text: string;
	/** Offset of the first character. */
	start: number;
	/** Offset after the last character. */
	end: number;
}

/** Words that end with a full stop without ending a sentence. */
const ABBREVIATIONS = new Set(
	(
		'al approx apr aug ca cf co corp dec dept dr ed eds eg e.g e.g est etc feb fig figs inc jan jr jul ' +
		'jun ltd mar mr mrs ms mt no nov oct p pp prof ref refs rev sec sep sept sr st vol vs i.e u.k u.s a.m p.m'
	).split(' '),
);

/**
 * An end mark, closing quotes or brackets, then a space; or a line break, unless the next line
 * goes on in lower case: then the line was only wrapped.
 */
const BOUNDARY =
	/[.!?…。！？]+["'”’»)\]]*(?=\s)|[。！？]|\n\s*\n|\n(?=\s*\d{1,2}[.)]\s)|\n(?!\s*[\p{Ll}\p{N}(])/gu;

/**
 * Splits a text into sentences, each a verbatim piece of it with its offsets.
 *
 * Abbreviations, initials and decimals do not end a sentence; a paragraph, a list mark or a line
 * that does not go on in lower case does.
 */
export function sentencesOf(text: string): Sentence[] {
	const sentences: Sentence[] = [];
	let start = 0;
	for (const match of text.matchAll(BOUNDARY)) {
		const end = match.index + match[0].length;
		if (match[0].startsWith('.') && isAbbreviation(text.slice(start, match.index))) continue;
		add(sentences, text, start, end);
		start = end;
	}
	add(sentences, text, start, text.length);
	return sentences;
}

/** Whether a full stop only marks what is before it: an abbreviation, an initial, a list number. */
function isAbbreviation(before: string): boolean {
	if (/^\s*\d{1,2}$/.test(before)) return true;
	const word = /[^\s("'“‘]+$/.exec(before.slice(-12))?.[0] ?? '';
	return /^\p{Lu}$/u.test(word) || ABBREVIATIONS.has(word.toLowerCase());
}

function add(sentences: Sentence[], text: string, from: number, to: number): void {
	const piece = text.slice(from, to);
	const trimmed = piece.trim();
	if (trimmed === '') return;
	const start = from + piece.indexOf(trimmed);
	sentences.push({ text: trimmed, start, end: start + trimmed.length });
}
