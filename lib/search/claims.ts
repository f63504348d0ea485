import { backgroundIdf } from './background';
import { isStopWord, terms, words } from './tokens';

/** What can be checked of a sentence against the quotes that are to bear it out. */
export type ClaimCheck = 'numbers' | 'names' | 'negation' | 'direction' | 'wording';

/** What the sentence is compared with. */
export interface Grounds {
	/** The quotes, word for word from their sources. */
	quotes: readonly string[];
	/** Titles of their sources: names and words may come from there, not numbers. */
	titles: readonly string[];
}

/** Least share of the weight of a sentence's words that its quotes and titles must have. */
const MIN_WORDING = 0.5;

/**
 * The checks that a sentence fails: a number, date, unit or name that its quotes do not have, a
 * negation or a direction ("rose", "fell") that is not theirs, or words that are mostly others.
 *
 * That a sentence passes does not prove that it follows from its quotes.
 */
export function failedChecks(sentence: string, { quotes, titles }: Grounds): ClaimCheck[] {
	const all = quotes.join('\n');
	const withTitles = [...quotes, ...titles].join('\n');
	const checks: Array<[ClaimCheck, boolean]> = [
		['numbers', isWithin(numbersIn(sentence), numbersIn(all))],
		['names', hasNames(sentence, withTitles)],
		['negation', hasSameNegation(sentence, quotes)],
		['direction', !hasOpposite(sentence, all)],
		['wording', wordingShare(sentence, withTitles) >= MIN_WORDING],
	];
	return checks.filter(([, passed]) => !passed).map(([name]) => name);
}

function isWithin(wanted: ReadonlySet<string>, present: ReadonlySet<string>): boolean {
	return [...wanted].every((each) => present.has(each));
}

const NUMBER_WORDS = new Map(
	'zero one two three four five six seven eight nine ten eleven twelve'
		.split(' ')
		.map((word, value) => [word, String(value)]),
);

const NUMBER =
	/([$€£¥])?\s?(\d[\d,.\u202f' ]*\d|\d)(?:\s?(%|percent|per cent|hundred|thousand|million|billion|trillion|bn|m|k|°c|°f|kg|km|mm|cm|mg|ms|gb|mb|kb|years?|months?|weeks?|days?|hours?|minutes?|seconds?)(?![\p{L}\p{N}]))?/giu;

const UNITS: Readonly<Record<string, string>> = {
	percent: '%',
	'per cent': '%',
	bn: 'billion',
	m: 'million',
	k: 'thousand',
};

/**
 * The numbers of a text in one form each: with their currency, scale or unit where they have one,
 * and once without, so that "5 million people" is borne out by "5 million".
 */
function numbersIn(text: string): Set<string> {
	const plain = text.toLowerCase().replace(/\p{L}+/gu, (word) => NUMBER_WORDS.get(word) ?? word);
	const found = new Set<string>();
	for (const [, sign = '', digits = '', unit = ''] of plain.matchAll(NUMBER)) {
		const value = digits.replace(/[\s\u202f',](?=\d{3}(?!\d))/g, '').replace(/[.,\s]+$/, '');
		const singular = (UNITS[unit] ?? unit).replace(/s$/, '');
		found.add(`${sign}${value}${singular}`);
	}
	return found;
}

const WORD = /\p{L}[\p{L}\p{N}'’-]*/gu;
/** A word is unusual when a text of this kind has it less than once in 5,000 definitions. */
const UNUSUAL_IDF = 8.5;

/** Whether all names of a sentence, capitalised or in capitals, occur in a text. */
function hasNames(sentence: string, text: string): boolean {
	const present = new Set(words(text));
	return namesIn(sentence).every((name) => words(name).every((word) => present.has(word)));
}

function namesIn(sentence: string): string[] {
	return [...sentence.matchAll(WORD)]
		.filter(({ 0: word, index }) => {
			if (!/^\p{Lu}/u.test(word) || word.length === 1) return false;
			if (/\p{Lu}.*\p{Lu}/u.test(word)) return true;
			const begins = /(^|[.!?:]\s*["“'(]*)$/u.test(sentence.slice(0, index));
			return !begins || (!isStopWord(word.toLowerCase()) && isUnusual(word));
		})
		.map(([word]) => word.replace(/['’]s$/, ''));
}

function isUnusual(word: string): boolean {
	return terms(word).some((term) => backgroundIdf(term) > UNUSUAL_IDF);
}

const NEGATION =
	/\b(no|not|never|none|nobody|nothing|neither|nor|without|cannot|lacks?|lacked|lacking|fails?|failed|unlikely|absent|absence)\b|n['’]t\b/i;

/** A negated sentence needs a negated quote; one that is not may not rest on negated ones. */
function hasSameNegation(sentence: string, quotes: readonly string[]): boolean {
	if (NEGATION.test(sentence)) return quotes.some((quote) => NEGATION.test(quote));
	return !quotes.some((quote) => NEGATION.test(quote));
}

/** Words of opposite directions, all forms that stemming does not bring together. */
const OPPOSITES: ReadonlyArray<readonly [readonly string[], readonly string[]]> = [
	[
		'increase rise rose risen grow grew grown gain climb up',
		'decrease fall fell fallen shrink shrank shrunk drop decline down',
	],
	['higher more greater larger longer above exceed', 'lower less fewer smaller shorter below'],
	['before earlier', 'after later'],
	['faster quicker', 'slower'],
	['better improve', 'worse worsen'],
	['win won', 'lose lost'],
	['support allow accept approve confirm', 'oppose forbid reject refuse deny'],
	['safe', 'unsafe dangerous'],
	['first', 'last'],
	['maximum most', 'minimum least'],
].map(([one, other]) => [stemsOf(one!), stemsOf(other!)] as const);

/** Stems, also of stop words: "before" and "after" are some. */
function stemsOf(text: string): string[] {
	return words(text).flatMap((word) => (isStopWord(word) ? word : terms(word)));
}

/** Whether a sentence goes in a direction that its grounds do not have, while they have its opposite. */
function hasOpposite(sentence: string, grounds: string): boolean {
	const said = new Set(stemsOf(sentence));
	const given = new Set(stemsOf(grounds));
	const has = (set: ReadonlySet<string>, list: readonly string[]) =>
		list.some((stem) => set.has(stem));
	return OPPOSITES.some(
		([one, other]) =>
			(has(said, one) && !has(given, one) && has(given, other)) ||
			(has(said, other) && !has(given, other) && has(given, one)),
	);
}

/** Share of the weight of a sentence's words that a text has, 0 to 1. */
function wordingShare(sentence: string, text: string): number {
	const present = new Set(terms(text));
	let total = 0;
	let found = 0;
	for (const term of new Set(terms(sentence))) {
		const weight = backgroundIdf(term);
		total += weight;
		if (present.has(term)) found += weight;
	}
	return total === 0 ? 0 : found / total;
}
