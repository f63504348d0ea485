/**
 * Mutation tests: `npm run mutate [-- folder …]`. Every change that a mutant makes to the engine
 * must be noticed by a test of its folder. Folders run one after the other, each with its own tests.
 *
 * The last line of standard output is `RESULT {json}` with the score over all folders; the script
 * fails below 90 %.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { at } from './support/paths.mjs';
import { exitCodeOf } from './support/process.mjs';
import { fail, step } from './support/progress.mjs';
import { ensureToolchain, node24Environment } from './toolchain.mjs';

const FOLDERS = ['core', 'resilience', 'resources', 'budget', 'scheduler', 'agent', 'workflow'];

const LEAST_SCORE = 90;

const reportOf = (folder) => at('reports/mutation', `${folder}.json`);

/** @returns how often each status occurs, e.g. `{ Killed: 210, Survived: 9 }` */
function countStatuses(folder) {
	const counts = {};
	const { files } = JSON.parse(readFileSync(reportOf(folder), 'utf8'));
	for (const { mutants } of Object.values(files)) {
		for (const { status } of mutants) counts[status] = (counts[status] ?? 0) + 1;
	}
	return counts;
}

/** Detected and undetected mutants; those that cannot run or change only constants do not count. */
function scoreOf({ Killed = 0, Timeout = 0, Survived = 0, NoCoverage = 0 }) {
	const detected = Killed + Timeout;
	const valid = detected + Survived + NoCoverage;
	const score = valid === 0 ? 100 : (detected / valid) * 100;
	return { score: Number(score.toFixed(2)), detected, valid };
}

async function mutate(folder) {
	rmSync(reportOf(folder), { force: true });
	const env = { ...node24Environment(), MUTATE_FOLDER: folder };
	const stdio = ['ignore', process.stderr, process.stderr];
	const code = await step(`Mutating lib/${folder}`, '10 to 40 minutes', () =>
		exitCodeOf('npx', ['stryker', 'run'], { env, stdio }),
	);
	if (code !== 0 || !existsSync(reportOf(folder))) {
		throw new Error(`The mutation tests of lib/${folder} could not run.`);
	}
	return countStatuses(folder);
}

async function main(asked) {
	await ensureToolchain();
	const total = {};
	const folders = {};
	for (const folder of asked.length > 0 ? asked : FOLDERS) {
		const counts = await mutate(folder);
		folders[folder] = scoreOf(counts).score;
		for (const [status, count] of Object.entries(counts)) {
			total[status] = (total[status] ?? 0) + count;
		}
	}
	const result = { ...scoreOf(total), least: LEAST_SCORE, folders };
	process.stdout.write(`RESULT ${JSON.stringify(result)}\n`);
	process.exitCode = result.score >= LEAST_SCORE ? 0 : 1;
}

await main(process.argv.slice(2)).catch(fail);
