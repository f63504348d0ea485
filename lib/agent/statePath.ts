/**
 * Orders paths as people do: `chunk_2` before `chunk_10`.
 *
 * @returns less than 0, 0 or more than 0, as `Array.sort` takes it
 */
export function comparePaths(first: string, second: string): number {
	const left = partsOf(first);
	const right = partsOf(second);
	const length = Math.min(left.length, right.length);
	for (let i = 0; i < length; i++) {
		const order = compareParts(left[i]!, right[i]!);
		if (order !== 0) return order;
	}
	return left.length - right.length;
}

/** Runs of digits, and what is between them. */
function partsOf(path: string): string[] {
	return path.match(/\d+|\D+/g) ?? [];
}

function compareParts(first: string, second: string): number {
	const numbers = Number(first) - Number(second);
	if (!Number.isNaN(numbers) && numbers !== 0) return numbers;
	return first < second ? -1 : first > second ? 1 : 0;
}
