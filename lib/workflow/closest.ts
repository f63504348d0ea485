/**
 * The candidate most like a word that was probably mistyped, for "did you mean".
 *
 * @returns nothing when even the best needs more changes than a third of its length
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
	let best: string | undefined;
	let bestDistance = Infinity;
	for (const candidate of candidates) {
		const allowed = Math.floor(candidate.length / 3);
		if (Math.abs(candidate.length - word.length) > Math.min(allowed, bestDistance)) continue;
		const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
		if (distance > allowed || distance >= bestDistance) continue;
		best = candidate;
		bestDistance = distance;
	}
	return best;
}

/** ` (did you mean "a"?)`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
	const best = closest(word, candidates);
	return best === undefined ? '' : ` (did you mean "${best}"?)`;
}

/** Levenshtein's distance: single characters inserted, deleted or replaced. */
function editDistance(first: string, second: string): number {
	let row = Array.from({ length: second.length + 1 }, (_, index) => index);
	for (let i = 1; i <= first.length; i++) {
		const next = [i];
		for (let j = 1; j <= second.length; j++) {
			const replaced = row[j - 1]! + (first[i - 1] === second[j - 1] ? 0 : 1);
			next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
		}
		row = next;
	}
	return row[second.length]!;
}
