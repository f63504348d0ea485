/** Runs suites one after the other and ends the process with one honest summary of all. */
import { fail, say } from './progress.mjs';

/** `812 passed, 0 failed` */
const summary = ({ passed, failed }) => `${passed} passed, ${failed} failed`;

/** A suite that could not even start is a failure, not a reason to stop. */
async function counted(name, suite) {
	const startedAt = Date.now();
	say(`\n── ${name} ──`);
	const counts = await suite().catch((error) => {
		fail(error);
		return { passed: 0, failed: 1 };
	});
	return { name, ...counts, seconds: Math.round((Date.now() - startedAt) / 1000) };
}

/**
 * Runs the suites and writes the summary to standard output; its last line is the total. The
 * process ends with 1 when any test failed.
 *
 * @param suites - by name: functions that return `{ passed, failed }`
 */
export async function runSuites(suites) {
	const results = [];
	for (const [name, suite] of Object.entries(suites)) results.push(await counted(name, suite));
	const total = results.reduce(
		(sum, { passed, failed }) => ({ passed: sum.passed + passed, failed: sum.failed + failed }),
		{ passed: 0, failed: 0 },
	);
	const lines = results.map((result) => `${result.name}: ${summary(result)} (${result.seconds} s)`);
	process.stdout.write(`\n${lines.join('\n')}\n${summary(total)}\n`);
	process.exitCode = total.failed > 0 ? 1 : 0;
}
