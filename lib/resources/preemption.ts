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
 * Chooses who makes room: lowest class first, then least progress, and none that is not needed.
 *
 * @param missing - what is missing, by position; 0 or less means enough
 * @returns undefined when stopping all of them would not be enough, so that nobody stops in vain
 */
export function selectVictims<T extends Candidate>(
	candidates: readonly T[],
	missing: readonly number[],
): T[] | undefined {
	const left = [...missing];
	const victims: T[] = [];
	const cheapestFirst = [...candidates].sort(
		(a, b) => a.priorityClass - b.priorityClass || a.progress - b.progress,
	);
	for (const candidate of cheapestFirst) {
		if (isCovered(left)) break;
		if (!candidate.needs.some((need, index) => need > 0 && left[index]! > 0)) continue;
		victims.push(candidate);
		candidate.needs.forEach((need, index) => (left[index] = left[index]! - need));
	}
	return isCovered(left) ? withoutSpare(victims, left) : undefined;
}

/** Later victims may have made earlier ones needless; the dearest are spared first. */
function withoutSpare<T extends Candidate>(victims: readonly T[], left: number[]): T[] {
	const kept: T[] = [];
	for (const victim of [...victims].reverse()) {
		const without = left.map((amount, index) => amount + victim.needs[index]!);
		if (isCovered(without)) left = without;
		else kept.push(victim);
	}
	return kept.reverse();
}

function isCovered(left: readonly number[]): boolean {
	return left.every((amount) => amount <= 0);
}
