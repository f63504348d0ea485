/**
 * Coverage of the engine's heart: `npm run coverage`. Every branch of these folders must be taken by
 * a test of theirs, by an example of the design documents or by the simulation.
 *
 * The last line of standard output is `RESULT {json}` with the percentage of branches by folder; the
 * script fails below 100 % and when a test fails.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { at } from './support/paths.mjs';
import { fail, step } from './support/progress.mjs';
import { clearResults, readResults } from './support/results.mjs';
import { ensureToolchain, onNode24 } from './toolchain.mjs';

const FOLDERS = ['core', 'resilience', 'resources', 'budget', 'scheduler', 'agent', 'workflow'];

const LEAST_BRANCHES = 100;

const TESTS = [
	...FOLDERS.map((folder) => `tests/lib/${folder}/`),
	'tests/seeds/',
	'tests/simulation/',
];

/** Files that only re-export have branches of the compiler's making. */
const COVERED = [...FOLDERS.map((folder) => `lib/${folder}/**/*.ts`), '!lib/*/index.ts'];

const jestArguments = () => [
	'--coverage',
	...COVERED.map((pattern) => `--collectCoverageFrom=${pattern}`),
	`--coverageThreshold=${JSON.stringify({ global: { branches: LEAST_BRANCHES } })}`,
	'--coverageReporters=json-summary',
	'--coverageReporters=text',
	'--json',
	`--outputFile=${clearResults('coverage')}`,
	...TESTS,
];

const percent = ({ covered, total }) =>
	total === 0 ? 100 : Number(((covered / total) * 100).toFixed(2));

/** @returns percentages of covered branches, e.g. `{ branches: 99.9, folders: { core: 100, … } }` */
function scores() {
	const summary = JSON.parse(readFileSync(at('coverage', 'coverage-summary.json'), 'utf8'));
	const folders = Object.fromEntries(FOLDERS.map((folder) => [folder, { covered: 0, total: 0 }]));
	for (const [file, { branches }] of Object.entries(summary)) {
		if (file === 'total') continue;
		const folder = folders[path.relative(at('lib'), file).split(path.sep)[0]];
		folder.covered += branches.covered;
		folder.total += branches.total;
	}
	const byFolder = Object.entries(folders).map(([folder, counts]) => [folder, percent(counts)]);
	return { branches: percent(summary.total.branches), folders: Object.fromEntries(byFolder) };
}

async function main() {
	await ensureToolchain();
	const exitCode = await step(
		'Running the tests of the engine with coverage',
		'1 to 2 minutes',
		() =>
			onNode24([at('node_modules/jest/bin/jest.js'), ...jestArguments()], {
				// Jest prints its results as JSON there, the table of uncovered lines with it.
				stdio: ['ignore', process.stderr, process.stderr],
			}),
	);
	const results = readResults('coverage');
	if (results === undefined) throw new Error('The tests could not run.');
	const result = {
		...scores(),
		least: LEAST_BRANCHES,
		passed: results.numPassedTests,
		failed: results.numFailedTests,
	};
	process.stdout.write(`RESULT ${JSON.stringify(result)}\n`);
	process.exitCode = exitCode;
}

await main().catch(fail);
