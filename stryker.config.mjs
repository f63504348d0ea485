/**
 * Mutation tests of one folder of the engine, `MUTATE_FOLDER` (see `scripts/mutate.mjs`): its
 * mutants meet the tests of the same folder, so that what it promises is proved next to it.
 */
const folder = process.env.MUTATE_FOLDER ?? 'core';
const report = process.env.MUTATE_REPORT ?? folder;

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
	mutate: [`lib/${folder}/**/*.ts`, '!lib/**/index.ts'],
	testRunner: 'jest',
	plugins: ['@stryker-mutator/jest-runner'],
	jest: {
		projectType: 'custom',
		config: {
			testEnvironment: 'node',
			// A mutant that waits for ever fails its test, which is cheaper than a new process.
			testTimeout: 2500,
			roots: ['<rootDir>/tests'],
			testMatch: [`<rootDir>/tests/lib/${folder}/**/*.test.ts`],
			transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.test.json' }] },
		},
	},
	coverageAnalysis: 'perTest',
	concurrency: 1,
	timeoutMS: 10_000,
	testRunnerNodeArgs: ['--require', './scripts/support/stay-alive.cjs'],
	ignoreStatic: true,
	tempDirName: '.stryker-tmp',
	ignorePatterns: [
		'.cache',
		'bench',
		'coverage',
		'dist',
		'docs',
		'e2e',
		'examples',
		'icons',
		'nodes',
		'reports',
	],
	reporters: ['clear-text', 'json'],
	clearTextReporter: { logTests: false, allowColor: false, reportTests: false },
	jsonReporter: { fileName: `reports/mutation/${report}.json` },
	thresholds: { high: 95, low: 90, break: null },
	disableTypeChecks: false,
	allowEmpty: true,
};
