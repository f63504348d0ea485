/** Rows of a table, and whether they reach their goals. */

const plain = (value) =>
	value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(3);

/** Ours must be no more than this. */
export const atMost = (limit) => ({
	text: `<= ${limit}`,
	holds: ({ ours }) => ours <= limit,
});

/** A peer must need at least this many times as much. */
export const timesFasterThan = (peer, times) => ({
	text: `>= ${times} x faster than ${peer}`,
	holds: ({ ours, peers }) => peers[peer] / ours >= times,
});

/** Ours must be at least this: for rows where more is better. */
export const atLeast = (limit) => ({
	text: `>= ${limit}`,
	holds: ({ ours }) => ours >= limit,
});

/** Peers must need more. */
export const aheadOf = (...names) => ({
	text: `ahead of ${names.join(', ')}`,
	holds: ({ ours, peers }) => names.every((name) => ours < peers[name]),
});

/** A peer may be ahead, but only by this part of its own time. */
export const levelWith = (peer, tolerance) => ({
	text: `level with ${peer} (within ${tolerance * 100} %)`,
	holds: ({ ours, peers }) => ours <= peers[peer] * (1 + tolerance),
});

/**
 * One row.
 *
 * @param measured - values by name; `ours` is ours, the rest are peers
 * @param goals - what must hold, see above
 */
export function row(name, unit, { ours, ...peers }, goals) {
	const values = { ours, peers };
	const goal = goals.map(({ text }) => text).join('; ');
	return { name, unit, ours, peers, goal, ok: goals.every(({ holds }) => holds(values)) };
}

/** The table for people. */
export function table(rows) {
	return rows
		.map(({ name, unit, ours, peers, goal, ok }) => {
			const others = Object.entries(peers).map(
				([peer, value]) =>
					`      ${peer.padEnd(34)} ${plain(value).padStart(10)}  (${plain(value / ours)} x)`,
			);
			const aim = goal === '' ? '' : `  goal: ${goal}`;
			const head = `${goal === '' ? '·' : ok ? '✓' : '✗'} ${name}  [${unit}]${aim}`;
			return [head, `      ${'ours'.padEnd(34)} ${plain(ours).padStart(10)}`, ...others].join('\n');
		})
		.join('\n');
}

const rounded = (value) => Number(value.toPrecision(4));

/**
 * The line for programs.
 *
 * @param skipped - why measurements were not made, by name
 */
export function resultLine(suite, rows, skipped = {}) {
	const short = rows.map(({ ours, peers, ...rest }) => ({
		...rest,
		ours: rounded(ours),
		peers: Object.fromEntries(Object.entries(peers).map(([peer, us]) => [peer, rounded(us)])),
	}));
	const left = Object.keys(skipped).length > 0 ? { skipped } : {};
	return `RESULT ${JSON.stringify({ suite, rows: short, ...left })}`;
}
