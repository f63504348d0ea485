/** How good a ranked list is. */

const gain = (grade, rank) => grade / Math.log2(rank + 2);

/**
 * Normalised discounted cumulative gain of the first ten.
 *
 * @param ids - best first
 * @param relevant - grade by id; what is not in it is not relevant
 * @returns 0 to 1
 * @see Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002
 */
export function ndcgOfTen(ids, relevant) {
	const sum = (grades) =>
		grades.slice(0, 10).reduce((total, grade, rank) => total + gain(grade, rank), 0);
	const ideal = [...relevant.values()].sort((a, b) => b - a);
	return sum(ids.map((id) => relevant.get(id) ?? 0)) / sum(ideal);
}

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
