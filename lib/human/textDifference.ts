/** Lines that were exchanged: `from` is left out for what was added, `to` for what was removed. */
export interface LineChange {
	/** The first of the lines in the text before, or the one they stand before now; 1, 2, 3, … */
	line: number;
	from?: string;
	to?: string;
}

/** More lines than these, squared, are not compared one by one. */
const MAX_COMPARED = 2_000;

/** What was changed between two texts, line by line. */
export function textDifference(before: string, after: string): LineChange[] {
	const [old, young] = [before.split('\n'), after.split('\n')];
	let start = 0;
	while (start < old.length && start < young.length && old[start] === young[start]) start++;
	let end = 0;
	const room = Math.min(old.length, young.length) - start;
	while (end < room && old.at(-1 - end) === young.at(-1 - end)) end++;
	const middle = [
		old.slice(start, old.length - end),
		young.slice(start, young.length - end),
	] as const;
	if (middle.some(({ length }) => length > MAX_COMPARED)) return blocks([], ...middle, start);
	return blocks(commonLines(...middle), ...middle, start);
}

/** The changes between lines that both texts have, given by their places in each. */
function blocks(
	common: ReadonlyArray<readonly [number, number]>,
	old: readonly string[],
	young: readonly string[],
	offset: number,
): LineChange[] {
	const changes: LineChange[] = [];
	let [from, to] = [0, 0];
	for (const [nextOld, nextYoung] of [...common, [old.length, young.length] as const]) {
		const removed = old.slice(from, nextOld);
		const added = young.slice(to, nextYoung);
		if (removed.length + added.length > 0) {
			changes.push({
				line: offset + from + 1,
				...(removed.length === 0 ? {} : { from: removed.join('\n') }),
				...(added.length === 0 ? {} : { to: added.join('\n') }),
			});
		}
		[from, to] = [nextOld + 1, nextYoung + 1];
	}
	return changes;
}

/**
 * The longest row of lines that both texts have, as pairs of their places.
 *
 * @see Hunt, McIlroy, "An Algorithm for Differential File Comparison", 1976 (here without its index)
 */
function commonLines(
	old: readonly string[],
	young: readonly string[],
): Array<readonly [number, number]> {
	const width = young.length + 1;
	// Length of the longest common row of what follows each pair of places.
	const lengths = new Uint16Array((old.length + 1) * width);
	for (let i = old.length - 1; i >= 0; i--) {
		for (let j = young.length - 1; j >= 0; j--) {
			const skipped = Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
			lengths[i * width + j] =
				old[i] === young[j] ? lengths[(i + 1) * width + j + 1]! + 1 : skipped;
		}
	}
	const pairs: Array<readonly [number, number]> = [];
	for (let i = 0, j = 0; i < old.length && j < young.length; ) {
		if (old[i] === young[j]) pairs.push([i++, j++]);
		else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
		else j++;
	}
	return pairs;
}
