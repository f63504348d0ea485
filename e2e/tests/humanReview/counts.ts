/** How often the proofs are repeated, and what came of it. */
import type { TestContext } from 'node:test';

/** `REVIEW_FULL=1` gives the counts of `docs/human-review.md`. */
export const FULL = process.env.REVIEW_FULL === '1';

/** How often: in every run of all tests, and in full. */
export const times = (few: number, full: number): number => (FULL ? full : few);

/** How often each value comes, such as each status. */
export function tally(values: ReadonlyArray<string | number>): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
	return counts;
}

/** A last line for programs, e.g. `RESULT {"proof":"scanners","requests":10000}`. */
export function report(context: TestContext, proof: string, counts: object): void {
	context.diagnostic(`RESULT ${JSON.stringify({ proof, ...counts })}`);
}
