import { failedChecks } from './claims';
import type { ClaimCheck } from './claims';
import { QuotableText } from './quotable';

/** A text a sentence may be quoted from. */
export interface QuotedSource {
	/** The number citations name, 1, 2, … */
	n: number;
	title?: string;
	text: string;
}

/** A quote and the source it is said to be from. */
export interface ClaimedQuote {
	n: number;
	quote: string;
}

/** A quote that stands in its source: `source.text.slice(start, end)`. */
export interface ProvenQuote extends ClaimedQuote {
	start: number;
	end: number;
}

/**
 * - `verified`: every cited source contains the sentence word for word.
 * - `supported`: every quote stands in its source, and the sentence has no number, name, negation or
 *   direction that they lack; that it follows from them is not proved.
 * - `weak`: quotes stand in their sources, but the sentence says something that they do not, or
 *   some other quote does not stand where it is said to.
 * - `unsupported`: no quote stands where it is said to.
 */
export type Verdict = 'verified' | 'supported' | 'weak' | 'unsupported';

/** What came of checking a sentence. */
export interface CheckedClaim {
	verdict: Verdict;
	/** The quotes that stand in their sources, with the words of the source. */
	quotes: ProvenQuote[];
	/** What failed. */
	failed: Array<'source' | 'quote' | 'address' | ClaimCheck>;
}

/** Checks sentences against the sources of one search. */
export class Verifier {
	private readonly sources: ReadonlyMap<number, QuotedSource>;
	private readonly quotable = new Map<number, QuotableText>();

	constructor(sources: readonly QuotedSource[]) {
		this.sources = new Map(sources.map((source) => [source.n, source]));
	}

	/** The sources that contain a sentence word for word, and where. */
	placesOf(sentence: string): ProvenQuote[] {
		return [...this.sources.keys()].flatMap((n) => this.prove({ n, quote: sentence }) ?? []);
	}

	/** Checks a sentence and the quotes that it rests on. */
	check(sentence: string, claimed: readonly ClaimedQuote[]): CheckedClaim {
		const proven = claimed.map((quote) => this.prove(quote));
		const quotes = proven.filter((quote) => quote !== undefined);
		const failed: CheckedClaim['failed'] = [];
		if (claimed.some(({ n }) => !this.sources.has(n))) failed.push('source');
		if (quotes.length < claimed.length || quotes.length === 0) failed.push('quote');
		if (quotes.length === 0) return { verdict: 'unsupported', quotes, failed };
		if (failed.length === 0 && quotes.every(({ n }) => this.has(n, sentence))) {
			return { verdict: 'verified', quotes, failed };
		}
		const titles = quotes.map(({ n }) => this.sources.get(n)!.title ?? '');
		failed.push(...failedChecks(sentence, { quotes: quotes.map(({ quote }) => quote), titles }));
		return { verdict: failed.length === 0 ? 'supported' : 'weak', quotes, failed };
	}

	private has(n: number, sentence: string): boolean {
		return this.prove({ n, quote: sentence }) !== undefined;
	}

	private prove({ n, quote }: ClaimedQuote): ProvenQuote | undefined {
		const source = this.sources.get(n);
		if (source === undefined) return undefined;
		const text = this.quotable.get(n) ?? new QuotableText(source.text);
		this.quotable.set(n, text);
		const place = text.find(quote);
		return place && { n, quote: source.text.slice(place.start, place.end), ...place };
	}
}

/**
 * Checks a sentence that is to stand word for word in all the sources it cites: it must cite at
 * least one, every one must exist, and every one must contain it.
 */
export function verdictOf(
	sentence: string,
	citations: readonly number[],
	sources: readonly QuotedSource[],
): Verdict {
	const claimed = citations.map((n) => ({ n, quote: sentence }));
	return new Verifier(sources).check(sentence, claimed).verdict;
}

/** Whether a text contains a quote word for word; see {@link QuotableText}. */
export function isVerbatim(quote: string, text: string): boolean {
	return new QuotableText(text).has(quote);
}
