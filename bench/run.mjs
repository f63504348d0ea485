/**
 * Runs one suite: `node --expose-gc run.mjs <suite> [part of a row's name]`.
 * Started by `scripts/bench.mjs`, which puts the engine and the peers beside this file.
 */
import { resultLine, table } from './support/rows.mjs';

const [suite, filter = ''] = process.argv.slice(2);
const { measurements } = await import(`./suites/${suite}.mjs`);

const rows = [];
for (const [name, measure] of Object.entries(measurements)) {
	if (!name.includes(filter)) continue;
	process.stderr.write(`▸ ${name}\n`);
	const measured = await measure();
	rows.push(...measured);
	process.stderr.write(`${table(measured)}\n`);
}
process.stdout.write(`\n${table(rows)}\n\n${resultLine(suite, rows)}\n`);
process.exitCode = rows.length > 0 && rows.every(({ ok }) => ok) ? 0 : 1;
