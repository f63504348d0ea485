/**
 * Mutation tests: `npm run mutate [-- lib/agent …]`. Every change that a mutant makes to a folder of
 * the engine must be noticed by a test of that folder. Stryker's mutators make the changes, all at
 * once and switched at run time; each mutant meets only the tests that reach it.
 *
 * Prints a table for each folder and its survivors. The last line of standard output is
 * `RESULT {json}` with the score over all folders; the script fails below 90 % in any of them.
 */
import path from 'node:path';
import { bundleTests } from './mutation/bundle.mjs';
import { instrument } from './mutation/instrument.mjs';
import { countStatuses, scoreOf, survivors, table } from './mutation/report.mjs';
import { runMutants } from './mutation/runMutants.mjs';
import { cache } from './support/paths.mjs';
import { fail, step } from './support/progress.mjs';
import { ensureToolchain } from './toolchain.mjs';

const FOLDERS = ['core', 'resilience', 'resources', 'budget', 'scheduler', 'agent', 'workflow'];

const LEAST_SCORE = 90;

/** @param name - e.g. `agent` */
async function mutate(name) {
	const { sources, mutants } = await instrument(`lib/${name}`);
	const bundle = cache('mutation', `${name}.cjs`);
	await bundleTests(`tests/lib/${name}`, sources, bundle);
	const ids = mutants.map(({ id }) => id);
	const statuses = await step(`${ids.length} mutants of lib/${name}`, '1 to 5 minutes', () =>
		runMutants(bundle, ids),
	);
	process.stdout.write(`\n${table(mutants, statuses)}\n${survivors(mutants, statuses)}\n`);
	return countStatuses(mutants, statuses);
}

async function main(asked) {
	await ensureToolchain();
	const total = {};
	const folders = {};
	for (const name of asked.length > 0 ? asked.map((folder) => path.basename(folder)) : FOLDERS) {
		const counts = await mutate(name);
		folders[name] = scoreOf(counts).score;
		for (const [status, count] of Object.entries(counts)) {
			total[status] = (total[status] ?? 0) + count;
		}
	}
	const result = { ...scoreOf(total), least: LEAST_SCORE, folders, counts: total };
	process.stdout.write(`RESULT ${JSON.stringify(result)}\n`);
	process.exitCode = Object.values(folders).every((score) => score >= LEAST_SCORE) ? 0 : 1;
}

await main(process.argv.slice(2)).catch(fail);
