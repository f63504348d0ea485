/** The two test runners: jest for everything in one process, node:test for the real n8n. */
import path from 'node:path';
import { ensureBuild } from '../build.mjs';
import {
	ensureChromium,
	ensureN8n,
	ensureStoreServers,
	ensureToolchain,
	onNode24,
} from '../toolchain.mjs';
import { at } from './paths.mjs';
import { clearResults, judged, readResults } from './results.mjs';
import { filesBelow } from './sources.mjs';
import { isPacked, packForN8n } from './tarball.mjs';

const TEST_TIMEOUT_MS = 5 * 60 * 1000;

/** A skipped test proves nothing: it counts as failed. */
const jestCounts = (results) => ({
	passed: results?.numPassedTests ?? 0,
	failed:
		(results?.numFailedTests ?? 0) +
		(results?.numPendingTests ?? 0) +
		(results?.numTodoTests ?? 0) +
		(results?.numRuntimeErrorTestSuites ?? 0),
});

/** Unit, property and in-process n8n-core tests. */
export async function unit(args = []) {
	await ensureToolchain();
	await ensureStoreServers();
	const outputFile = clearResults('unit');
	const exitCode = await onNode24(
		[at('node_modules/jest/bin/jest.js'), '--json', `--outputFile=${outputFile}`, ...args],
		{ stdio: ['ignore', 'ignore', 'inherit'] },
	);
	return judged(jestCounts(readResults('unit')), exitCode);
}

/** The package as it will be published, ready for n8n. */
export async function ensurePackage() {
	await ensureBuild();
	if (!isPacked()) await packForN8n();
}

const endToEndTests = () =>
	filesBelow(at('e2e/tests'))
		.filter((file) => file.endsWith('.test.ts'))
		.map((file) => path.relative(at(), file));

/**
 * A real n8n and a real browser.
 *
 * @param args - files, default all; and options of `node --test`, such as `--test-name-pattern=…`
 */
export async function endToEnd(args = []) {
	const options = args.filter((arg) => arg.startsWith('--'));
	const files = args.filter((arg) => !arg.startsWith('--'));
	await ensureToolchain();
	await ensureN8n();
	await ensureChromium();
	await ensureStoreServers();
	await ensurePackage();
	const outputFile = clearResults('e2e');
	const exitCode = await onNode24(
		[
			'--disable-warning=ExperimentalWarning',
			'--test',
			'--test-concurrency=1',
			// A test that hangs, or leaves something open, must not hold up the others for ever.
			`--test-timeout=${TEST_TIMEOUT_MS}`,
			'--test-force-exit',
			'--test-reporter=spec',
			'--test-reporter-destination=stderr',
			'--test-reporter=./e2e/countingReporter.mjs',
			`--test-reporter-destination=${outputFile}`,
			...options,
			...(files.length > 0 ? files : endToEndTests()),
		],
		{ stdio: ['ignore', 'inherit', 'inherit'] },
	);
	return judged(readResults('e2e') ?? { passed: 0, failed: 0 }, exitCode);
}
