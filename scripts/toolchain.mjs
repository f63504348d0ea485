/**
 * Brings what the other scripts need, and only what is missing: the npm packages, Node 24
 * (what n8n needs, whatever this machine has), the pinned n8n, Chromium, database servers.
 *
 * Uses Node built-ins only: in a fresh clone nothing else is there yet.
 */
import { execFileSync } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	rmSync,
	symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { ensurePrograms } from './support/debian.mjs';
import { isInstalled } from './support/packages.mjs';
import { at, cache } from './support/paths.mjs';
import { exitCodeOf, run } from './support/process.mjs';
import { step } from './support/progress.mjs';

/** The Node that n8n and all our tests run on. */
export const node24 = at('node_modules/node/bin/node');

/** The pinned n8n lives outside the source tree: its build tool would copy the icons it finds. */
export const n8nFolder = cache('n8n');

const nodePackage = at('node_modules/node');

/** The package with the binary and its headers, under the names that npm's `node` gives them. */
const nodeHeaders = () => {
	const isAppleChip = process.platform === 'darwin' && process.arch === 'arm64';
	const name = `${isAppleChip ? 'node-bin' : 'node'}-${process.platform}-${process.arch}`;
	return path.join(nodePackage, 'node_modules', name);
};
const sqliteBinary = path.join(n8nFolder, 'node_modules/sqlite3/build/Release/node_sqlite3.node');

/** Node 24 and the project's own tools first in PATH. */
export const node24Environment = () => ({
	PATH: [at('node_modules/.bin'), process.env.PATH].join(path.delimiter),
});

const npmCi = (cwd) =>
	run('npm', ['ci', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd });

async function ensurePackages() {
	if (isInstalled(at())) return;
	await step('Installing the npm packages', '1 to 3 minutes', () => npmCi(at()));
}

const versionOf = (program) => {
	try {
		return execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
	} catch {
		return undefined;
	}
};

/** npm's package `node` brings its binary in an install script, which `.npmrc` switches off. */
async function ensureNode24() {
	const { version } = JSON.parse(readFileSync(path.join(nodePackage, 'package.json'), 'utf8'));
	if (versionOf(node24) !== `v${version}` || !existsSync(nodeHeaders())) {
		await step(`Fetching Node ${version}`, '10 to 30 seconds', () =>
			run('node', ['installArchSpecificPackage.js'], { cwd: nodePackage }),
		);
	}
	const link = at('node_modules/.bin/node');
	if (versionOf(link) === `v${version}`) return;
	rmSync(link, { force: true });
	symlinkSync('../node/bin/node', link);
}

/** The npm packages and Node 24. Instant when they are there. */
export async function ensureToolchain() {
	await ensurePackages();
	await ensureNode24();
}

async function installN8n() {
	mkdirSync(n8nFolder, { recursive: true });
	for (const file of ['package.json', 'package-lock.json']) {
		cpSync(at('e2e', file), path.join(n8nFolder, file));
	}
	const { dependencies } = JSON.parse(readFileSync(at('e2e/package.json'), 'utf8'));
	await step(`Installing n8n ${dependencies.n8n}, 2.2 GB`, '2 to 6 minutes', () =>
		npmCi(n8nFolder),
	);
}

const buildSqlite = () =>
	step('Building sqlite3 for Node 24', '1 to 3 minutes', () =>
		run(
			'npm',
			[
				'rebuild',
				'sqlite3',
				'--ignore-scripts=false',
				'--build-from-source',
				`--nodedir=${nodeHeaders()}`,
			],
			{ cwd: n8nFolder, env: node24Environment() },
		),
	);

const isPinned = () =>
	existsSync(path.join(n8nFolder, 'package-lock.json')) &&
	readFileSync(path.join(n8nFolder, 'package-lock.json'), 'utf8') ===
		readFileSync(at('e2e/package-lock.json'), 'utf8');

/** The pinned n8n with a working SQLite. Instant when it is there and the lock has not changed. */
export async function ensureN8n() {
	if (!isPinned() || !isInstalled(n8nFolder)) await installN8n();
	if (existsSync(sqliteBinary)) return;
	await ensurePrograms({ python3: 'python3', make: 'make', 'g++': 'g++' }, '30 seconds');
	await buildSqlite();
}

const postgresVersions = '/usr/lib/postgresql';

const hasPostgres = () =>
	existsSync(postgresVersions) &&
	readdirSync(postgresVersions).some((version) =>
		existsSync(path.join(postgresVersions, version, 'bin/initdb')),
	);

/** The servers that the stores' tests start for themselves. */
export async function ensureStoreServers() {
	const postgres = hasPostgres() ? {} : { initdb: 'postgresql' };
	await ensurePrograms({ 'redis-server': 'redis-server', ...postgres }, '20 to 60 seconds');
}

/** The browser that the end-to-end tests drive. */
export const ensureChromium = () =>
	ensurePrograms({ '/usr/bin/chromium': 'chromium' }, '30 to 90 seconds');

/**
 * Runs a file on Node 24.
 *
 * @param args - what follows `node`
 * @returns its exit code
 */
export const onNode24 = (args, options = {}) =>
	exitCodeOf(node24, args, { ...options, env: { ...node24Environment(), ...options.env } });
