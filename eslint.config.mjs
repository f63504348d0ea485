import { config as strict } from '@n8n/node-cli/eslint';

/** The only published folders that need more than n8n's cloud allows: see docs/architecture.md. */
const selfHostedOnly = ['lib/host/**/*.ts', 'lib/store/drivers/**/*.ts'];

/** Never loaded by n8n: tests and tools may use Node's own modules, timers and processes. */
const neverPublished = [
	'tests/**/*.ts',
	'e2e/**/*.ts',
	'bench/**/*.ts',
	'examples/standalone/**/*.ts',
];

/** The rules that keep cloud nodes off the machine they run on. */
const machineRules = [
	'@n8n/community-nodes/no-restricted-globals',
	'@n8n/community-nodes/no-restricted-imports',
];

export default [
	{ ignores: ['dist', 'coverage', 'reports', '.cache', '**/node_modules'] },
	...strict,
	{
		files: [...selfHostedOnly, ...neverPublished],
		rules: Object.fromEntries(machineRules.map((rule) => [rule, 'off'])),
	},
	{
		files: neverPublished,
		rules: { '@n8n/community-nodes/no-dangerous-functions': 'off', 'no-console': 'off' },
	},
	{
		// They use the built package, as a user's program would; a fresh clone is not built yet.
		files: ['examples/standalone/**/*.ts'],
		rules: { 'import-x/no-unresolved': 'off' },
	},
];
