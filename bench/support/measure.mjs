/** Measuring variants side by side, so that whatever disturbs the machine disturbs all of them. */

const median = (values) => {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Microseconds of processor time of this process so far, its helper threads included. */
const cpuTime = () => {
	const { user, system } = process.cpuUsage();
	return user + system;
};

/**
 * Microseconds that `run` takes. A busy machine stretches the clock, helper threads stretch the
 * processor time; the smaller of the two is nearer to what the work itself needs. Work that waits
 * has only the clock.
 */
async function timed(run, waits) {
	// A minor collection only: after a full one V8 starts with a small young generation again, and
	// collects more often than any long-running program does.
	globalThis.gc({ type: 'minor' });
	const [clockAt, cpuAt] = [performance.now(), cpuTime()];
	const value = await run();
	const clock = (performance.now() - clockAt) * 1000;
	const us = waits ? clock : Math.min(clock, cpuTime() - cpuAt);
	return { us, value };
}

/**
 * Runs every variant once to warm up, then all of them in turn, round after round.
 *
 * @param variants - by name: `{ run, ops, rounds?, waits? }`; `run` does `ops` operations and may be
 * async; slow variants may ask for fewer rounds, and 1 round means no warm-up either; `waits` is for
 * work with timers in it. A number that `run` returns is taken as the measured value instead of the
 * time per operation.
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
			const { us, value } = await timed(variant.run, variant.waits);
			results[name].push(typeof value === 'number' ? value : us / variant.ops);
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

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Slope of the power law that fits measurements of the whole time best, by least squares on the
 * logarithms: 1 is linear.
 *
 * @param points - `{ n, us }`: how many operations, and microseconds of each
 */
export function growthExponent(points) {
	const sizes = points.map(({ n }) => Math.log(n));
	const times = points.map(({ n, us }) => Math.log(n * us));
	const [size, time] = [mean(sizes), mean(times)];
	const covariance = mean(sizes.map((value, index) => (value - size) * (times[index] - time)));
	return covariance / mean(sizes.map((value) => (value - size) ** 2));
}
