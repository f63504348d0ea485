import { stem } from './stem';
import { isStopWord, words } from './tokens';

/** What is ranked: a title, which may be empty, and a text. */
export interface RankedText {
	title: string;
	text: string;
}

/** A text as the numbers of its words. */
interface IndexedText {
	/** Words without stop words, those of the title first; see {@link IndexedTexts.words}. */
	words: Int32Array;
	/** How many of them are the title's. */
	titleWords: number;
	/** How many pieces of four letters they have. */
	grams: number;
}

/**
 * Texts whose words are looked at once and then compared as numbers, so that a question costs one
 * pass over numbers, whatever it asks.
 */
export class IndexedTexts {
	/** Every different word, in lower case. */
	readonly words: string[] = [];
	readonly texts: readonly IndexedText[];
	private readonly numbers = new Map<string, number>();
	private readonly stems: string[] = [];

	constructor(texts: readonly RankedText[]) {
		this.texts = texts.map(({ title, text }) => {
			const titleWords = this.numbersOf(title);
			const all = titleWords.concat(this.numbersOf(text));
			return {
				words: Int32Array.from(all),
				titleWords: titleWords.length,
				grams: all.reduce((sum, word) => sum + gramCount(this.words[word]!), 0),
			};
		});
	}

	stemOf(word: number): string {
		return (this.stems[word] ??= stem(this.words[word]!));
	}

	private numbersOf(text: string): number[] {
		const found: number[] = [];
		for (const word of words(text)) {
			if (!isStopWord(word)) found.push(this.numberOf(word));
		}
		return found;
	}

	private numberOf(word: string): number {
		let number = this.numbers.get(word);
		if (number === undefined) {
			number = this.words.push(word) - 1;
			this.numbers.set(word, number);
		}
		return number;
	}
}

/** Letters in a piece of a word. */
const GRAM = 4;

function gramCount(word: string): number {
	return Math.max(0, word.length + 3 - GRAM);
}

/**
 * Overlapping pieces of four letters of a word, its ends marked: "cat" gives "_cat", "cat_". They
 * match where stemming does not help: other languages, compounds, slips of the pen.
 */
export function gramsOf(word: string): string[] {
	const marked = `_${word}_`;
	return Array.from({ length: gramCount(word) }, (_, at) => marked.slice(at, at + GRAM));
}
