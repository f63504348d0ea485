/**
 * Runs one suite: `node --expose-gc run.mjs <file of the suite> [part of a row's name]`. A suite
 * exports its `measurements` by name and, if it holds something open, `close`.
 * Started by `scripts/bench.mjs`, which puts the engine and the peers beside this file.
 */
import { resultLine, table } from './support/rows.mjs';

const [file, filter = ''] = process.argv.slice(2);
const suite = file.replace(/\.n8n$/, '');
const { measurements, close } = await import(`./suites/${file}.mjs`);

const rows = [];
/** Why measurements could not be made, by name. */
const skipped = {};
for (const [name, measure] of Object.entries(measurements)) {
	if (!name.includes(filter)) continue;
	process.stderr.write(`▸ ${name}\n`);
	const measured = await measure();
	if ('skipped' in measured) {
		skipped[name] = measured.skipped;
		process.stderr.write(`– Skipped: ${measured.skipped}\n`);
		continue;
	}
	rows.push(...measured);
	process.stderr.write(`${table(measured)}\n`);
}
await close?.();
process.stdout.write(`\n${table(rows)}\n\n${resultLine(suite, rows, skipped)}\n`);
const wasRun = rows.length > 0 || Object.keys(skipped).length > 0;
process.exitCode = wasRun && rows.every(({ ok }) => ok) ? 0 : 1;
