import { stem } from './stem';

/** Words so common that they say nothing about what a text is about. */
const STOP_WORDS = new Set(
	(
		'a about above after again against all almost also although always am among an and another any ' +
		'anyone anything are aren around as at be because been before behind being below between both but ' +
		'by can cannot could couldn did didn do does doesn doing don done down during each either else ' +
		'enough etc ever every few for from further had has hasn have haven having he hence her here hers ' +
		'herself him himself his how however i ie if in indeed into is isn it its itself just least less ll ' +
		'many may me might mine more most much must my myself neither never nevertheless no nobody none nor ' +
		'not nothing now of off often on once one only onto or other others our ours ourselves out over own ' +
		'per perhaps please quite rather re s same several shall she should since so some somehow someone ' +
		'something sometimes still such t than that the their theirs them themselves then there therefore ' +
		'these they this those though through thus to together too toward towards under until up upon us ve ' +
		'very was wasn we well were weren what whatever when whenever where whereas wherever whether which ' +
		'while who whoever whole whom whose why will with within without won would wouldn yet you your ' +
		'yours yourself yourselves'
	).split(' '),
);

const WORD = /[\p{L}\p{N}]+/gu;

/** The words of a text in lower case, in order; letters and digits only. */
export function words(text: string): string[] {
	return text.toLowerCase().match(WORD) ?? [];
}

/** Whether a lower-case word carries no meaning of its own, such as "the" or "about". */
export function isStopWord(word: string): boolean {
	return STOP_WORDS.has(word);
}

/** What a text is compared by: its words without stop words, stemmed, in order. */
export function terms(text: string): string[] {
	return words(text)
		.filter((word) => !isStopWord(word))
		.map(stem);
}

/** How often each entry occurs. */
export function countOf<T>(entries: Iterable<T>): Map<T, number> {
	const counts = new Map<T, number>();
	for (const entry of entries) counts.set(entry, (counts.get(entry) ?? 0) + 1);
	return counts;
}
