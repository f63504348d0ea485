/** Lines that tell a waiting person what happens and how long it usually takes. */

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

export const say = (line) => process.stderr.write(`${line}\n`);

/**
 * Announces a long step, does it and says how long it took; a sign of life every 15 s.
 *
 * @param title - what happens, e.g. `Installing n8n 2.40.7`
 * @param usual - how long it usually takes, e.g. `2 to 6 minutes`
 */
export async function step(title, usual, work) {
	const startedAt = Date.now();
	say(`▸ ${title} (usually ${usual}) …`);
	const alive = setInterval(() => say(`  … still at it after ${seconds(startedAt)}`), 15_000);
	try {
		const result = await work();
		say(`  done in ${seconds(startedAt)}`);
		return result;
	} finally {
		clearInterval(alive);
	}
}

/** Ends a script with its error message instead of a stack that helps nobody. */
export function fail(error) {
	say(`\n✗ ${error instanceof Error ? error.message : String(error)}`);
	process.exitCode = 1;
}
