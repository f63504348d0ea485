/** Every test there is, with one summary: `npm test`. */
import { summary } from './support/results.mjs';
import { fail, say } from './support/progress.mjs';
import { endToEnd, unit } from './support/suites.mjs';

/** Runs a suite; one that could not even start is a failure, not a reason to stop. */
async function counted(name, suite) {
	const startedAt = Date.now();
	say(`\n── ${name} ──`);
	const counts = await suite().catch((error) => {
		fail(error);
		return { passed: 0, failed: 1 };
	});
	return { name, ...counts, seconds: Math.round((Date.now() - startedAt) / 1000) };
}

const results = [
	await counted('unit, property and in-process tests', unit),
	await counted('end-to-end tests in a real n8n', endToEnd),
];
const total = results.reduce(
	(sum, { passed, failed }) => ({ passed: sum.passed + passed, failed: sum.failed + failed }),
	{ passed: 0, failed: 0 },
);

const lines = results.map((result) => `${result.name}: ${summary(result)} (${result.seconds} s)`);
process.stdout.write(`\n${lines.join('\n')}\n${summary(total)}\n`);
process.exitCode = total.failed > 0 ? 1 : 0;
