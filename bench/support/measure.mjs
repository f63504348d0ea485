/** Measuring variants side by side, so that whatever disturbs the machine disturbs all of them. */

const median = (values) => {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * Runs every variant once to warm up, then all of them in turn, round after round.
 *
 * @param variants - by name: `{ run, ops, rounds? }`; `run` does `ops` operations and may be async;
 * slow variants may ask for fewer rounds, and 1 round means no warm-up either. A number that `run`
 * returns is taken as the measured value instead of the time per operation.
 * @param rounds - for the variants that do not say otherwise
 * @returns by name: the median of microseconds per operation
 */
export async function interleave(variants, rounds = 7) {
	const entries = Object.entries(variants);
	const results = Object.fromEntries(entries.map(([name]) => [name, []]));
	const roundsOf = ({ rounds: own = rounds }) => own;
	for (const [, variant] of entries) if (roundsOf(variant) > 1) await variant.run();
	for (let round = 0; round < rounds; round++) {
		for (const [name, variant] of entries) {
			if (round >= roundsOf(variant)) continue;
			globalThis.gc();
			const startedAt = performance.now();
			const value = await variant.run();
			const elapsed = performance.now() - startedAt;
			results[name].push(typeof value === 'number' ? value : (elapsed * 1000) / variant.ops);
		}
	}
	return Object.fromEntries(entries.map(([name]) => [name, median(results[name])]));
}

/** Bytes that what `make` returns keeps alive. */
export async function retainedBytes(make) {
	globalThis.gc();
	globalThis.gc();
	const before = process.memoryUsage().heapUsed;
	const kept = await make();
	globalThis.gc();
	globalThis.gc();
	const bytes = process.memoryUsage().heapUsed - before;
	return { bytes, kept };
}

/** Slope of a power law through two measurements of the whole time: 1 is linear. */
export const growthExponent = (small, large) =>
	Math.log((large.us * large.n) / (small.us * small.n)) / Math.log(large.n / small.n);
