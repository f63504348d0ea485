/**
 * Measures the engine side by side with its peers: `npm run bench -- <suite> [part of a row's name]`.
 * Prints a table for people and, as the last line of standard output, `RESULT {json}` for programs.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isInstalled } from './support/packages.mjs';
import { at, cache } from './support/paths.mjs';
import { exitCodeOf, run } from './support/process.mjs';
import { fail, step } from './support/progress.mjs';
import { ensurePackage } from './support/suites.mjs';
import { ensureN8n, ensureToolchain, node24 } from './toolchain.mjs';

/** Outside the source tree, so that nothing the peers bring gets into the package. */
const folder = cache('bench');

const suites = () =>
	readdirSync(at('bench/suites'))
		.filter((name) => name.endsWith('.mjs'))
		.map((name) => name.replace(/(\.n8n)?\.mjs$/, ''));

/** Suites named `<suite>.n8n.mjs` measure nodes in a real n8n, next to n8n's own. */
const isInN8n = (suite) => existsSync(at('bench/suites', `${suite}.n8n.mjs`));

async function ensurePeers() {
	mkdirSync(folder, { recursive: true });
	for (const file of ['package.json', 'package-lock.json']) {
		cpSync(at('bench', file), path.join(folder, file));
	}
	if (isInstalled(folder)) return;
	const flags = ['--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund'];
	await step('Installing the peers', '10 to 60 seconds', () =>
		run('npm', ['ci', ...flags], { cwd: folder }),
	);
}

/** The engine as it is published, and the suites, next to the peers. */
async function buildEngine() {
	const engine = path.join(folder, 'engine');
	rmSync(engine, { recursive: true, force: true });
	const flags = ['-p', 'bench/tsconfig.json', '--outDir', engine];
	await step('Building the engine', '10 to 30 seconds', () => run('npx', ['tsc', ...flags]));
	writeFileSync(path.join(engine, 'package.json'), '{ "type": "commonjs" }\n');
	for (const part of ['suites', 'support'])
		rmSync(path.join(folder, part), { recursive: true, force: true });
	for (const part of ['run.mjs', 'suites', 'support']) {
		cpSync(at('bench', part), path.join(folder, part), { recursive: true });
	}
}

/** @returns where the suites run */
async function prepareEngine() {
	await ensurePeers();
	await buildEngine();
	return folder;
}

/** @returns where the suites run: in the project, with the start-up of the end-to-end tests */
async function prepareN8n() {
	await ensureN8n();
	await ensurePackage();
	return at('bench');
}

async function main([suite, ...rest]) {
	if (!suites().includes(suite)) {
		throw new Error(`Say which suite: npm run bench -- ${suites().join(' | ')}`);
	}
	await ensureToolchain();
	const [cwd, file] = isInN8n(suite)
		? [await prepareN8n(), `${suite}.n8n`]
		: [await prepareEngine(), suite];
	process.exitCode = await exitCodeOf(node24, ['--expose-gc', 'run.mjs', file, ...rest], {
		cwd,
		// Collections to measure Swarm Search with; they are not part of the project.
		env: { SEARCH_DATA: process.env.SEARCH_DATA ?? at('../shared/data') },
	});
}

await main(process.argv.slice(2)).catch(fail);
