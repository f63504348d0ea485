/** How BM25 weighs repetition (`k1`) and length (`b`). */
const BM25 = { k1: 1.5, b: 0.75 };

/** How much repetition a text of this length needs; see {@link saturated}. */
export function lengthNorm(length: number, averageLength: number): number {
	const { k1, b } = BM25;
	return k1 * (1 - b + (b * length) / (averageLength || 1));
}

/** What a number of occurrences is worth: once about 1, the longer the text the less, at most 2.5. */
export function saturated(count: number, norm: number): number {
	return (count * (BM25.k1 + 1)) / (count + norm);
}

/** Inverse document frequency of what `textsWith` of some texts have. Always above 0. */
export function rarity(textsWith: number, texts: number): number {
	return Math.log(1 + (texts - textsWith + 0.5) / (textsWith + 0.5));
}

/** The mean; 0 of nothing. */
export function averageOf(lengths: Float64Array): number {
	return lengths.reduce((sum, length) => sum + length, 0) / (lengths.length || 1);
}
