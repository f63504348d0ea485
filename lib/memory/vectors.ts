/** The meaning of a text as numbers, as an embedding model gives it. */
export type Vector = readonly number[];

/** Turns texts into vectors, one each. */
export type TextEmbedder = (texts: string[]) => Promise<readonly Vector[]>;

/** Whether a value is a vector that can be compared. */
export function isVector(value: unknown): value is Vector {
	return (
		Array.isArray(value) &&
		value.length > 0 &&
		value.every((entry) => typeof entry === 'number' && Number.isFinite(entry))
	);
}

/** The angle between two vectors, 1 for the same direction; 0 when they cannot be compared. */
export function cosine(one: Vector, other: Vector | undefined): number {
	// Another length is of another model.
	if (other?.length !== one.length) return 0;
	let [product, square, otherSquare] = [0, 0, 0];
	one.forEach((entry, index) => {
		const opposite = other[index]!;
		product += entry * opposite;
		square += entry * entry;
		otherSquare += opposite * opposite;
	});
	const lengths = Math.sqrt(square * otherSquare);
	return lengths === 0 ? 0 : product / lengths;
}

/** Six digits are more than enough to compare, and take a third of the space. */
export function rounded(vector: Vector): Vector {
	return vector.map((entry) => Number(entry.toPrecision(6)));
}
