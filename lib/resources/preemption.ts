/** A running step that may have to make room. */
export interface Candidate {
	/** 0 low to 3 critical. */
	readonly priorityClass: number;
	/** How far it has come, 0 to 1: what is lost when it stops. */
	readonly progress: number;
	/** What it holds, by position. */
	readonly needs: readonly number[];
}

/**
 * Chooses who makes room: the highest classes are spared first, then those that have come furthest;
 * nobody stops who is not needed.
 *
 * @param missing - what is missing, by position; 0 or less means enough
 * @returns undefined when stopping all of them would not be enough, so that nobody stops in vain
 */
export function selectVictims<T extends Candidate>(
	candidates: readonly T[],
	missing: readonly number[],
): T[] | undefined {
	const dearestFirst = [...candidates].sort(
		(a, b) => b.priorityClass - a.priorityClass || b.progress - a.progress,
	);
	// What is still missing, were all of them stopped.
	let left = missing.map((amount, index) => {
		const held = candidates.reduce((sum, { needs }) => sum + needs[index]!, 0);
		return amount - held;
	});
	if (!isCovered(left)) return undefined;
	const victims: T[] = [];
	for (const candidate of dearestFirst) {
		const without = left.map((amount, index) => amount + candidate.needs[index]!);
		if (isCovered(without)) left = without;
		else victims.push(candidate);
	}
	return victims.reverse();
}

function isCovered(left: readonly number[]): boolean {
	return left.every((amount) => amount <= 0);
}
