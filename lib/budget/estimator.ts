/** How many of the last values of a kind are looked at. */
const MEMORY = 100;

const PERCENTILE = 0.95;

/**
 * Learns what calls of a kind usually need: the 95th percentile of the last hundred. An estimate
 * that is seldom too low keeps parallel calls within their budget.
 */
export class Estimator {
	private readonly values = new Map<string, { ring: number[]; position: number }>();

	/** @param kind - what the calls have in common, e.g. the step's path without its index */
	observe(kind: string, value: number): void {
		const entry = this.values.get(kind) ?? { ring: [], position: 0 };
		this.values.set(kind, entry);
		entry.ring[entry.position] = value;
		entry.position = (entry.position + 1) % MEMORY;
	}

	/** @returns undefined as long as nothing of the kind was seen */
	estimate(kind: string): number | undefined {
		const ring = this.values.get(kind)?.ring;
		if (ring === undefined) return undefined;
		const sorted = [...ring].sort((a, b) => a - b);
		return sorted[Math.ceil(sorted.length * PERCENTILE) - 1];
	}
}
