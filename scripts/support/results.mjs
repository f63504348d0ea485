/** What the test runners counted. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cache } from './paths.mjs';

/** Where a runner leaves its counts. */
export const resultsFile = (suite) => cache('results', `${suite}.json`);

/** Makes room: counts of an earlier run must not pass for those of this one. */
export function clearResults(suite) {
	mkdirSync(path.dirname(resultsFile(suite)), { recursive: true });
	rmSync(resultsFile(suite), { force: true });
	return resultsFile(suite);
}

/**
 * @param counts - `{ passed, failed }` of a suite
 * @returns the same, with at least one failure when the runner failed or no test ran
 */
export function judged({ passed, failed }, exitCode) {
	const isSilent = passed + failed === 0;
	const isUnexplained = exitCode !== 0 && failed === 0;
	return { passed, failed: isSilent || isUnexplained ? failed + 1 : failed };
}

export const readResults = (suite) =>
	existsSync(resultsFile(suite)) ? JSON.parse(readFileSync(resultsFile(suite), 'utf8')) : undefined;
