/**
 * Everything that runs inside jest: the engine, the nodes on n8n-core, the rules of the house.
 * End-to-end tests drive a real n8n and have their own runner, see `e2e/`.
 *
 * @type {import('jest').Config}
 */
module.exports = {
	testEnvironment: 'node',
	// Every core: jest would leave one idle, which is half of a small machine.
	maxWorkers: '100%',
	roots: ['<rootDir>/tests'],
	testMatch: ['**/*.test.ts'],
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.test.json' }] },
	collectCoverageFrom: ['lib/**/*.ts', 'nodes/**/*.ts', 'credentials/**/*.ts'],
	coverageDirectory: 'coverage',
};
