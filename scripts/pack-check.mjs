/**
 * Packs the package, unpacks it as n8n's installer does and looks at it: `npm run pack:check`.
 * Passes when it holds what must be there and nothing else, and when n8n can load it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { ensureBuild } from './build.mjs';
import { at } from './support/paths.mjs';
import { fail, say, step } from './support/progress.mjs';
import { filesBelow } from './support/sources.mjs';
import { installedPackage as folder, packForN8n } from './support/tarball.mjs';
import { ensureToolchain, node24 } from './toolchain.mjs';

const allowed = [
	/^(package\.json|README\.md|LICENSE\.md|CHANGELOG\.md)$/,
	/^dist\/package\.json$/,
	/^dist\/(nodes|credentials|lib)\/.+\.js$/,
	/^dist\/nodes\/.+\.node\.json$/,
	/^dist\/icons\/.+\.svg$/,
	/^dist\/lib\/store\/drivers\/THIRD_PARTY_LICENSES\.txt$/,
];
const neverAllowed = [/\.test\.js$/, /\.map$/, /\.d\.ts$/, /(^|\/)\.(env|npmrc)/, /node_modules/];
const secret =
	/-----BEGIN [A-Z ]*PRIVATE KEY-----|sk-[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{30,}|ghp_[A-Za-z0-9]{30,}/;

const MAX_MEGABYTES = 5;

function unwanted() {
	const names = filesBelow(folder).map((file) => path.relative(folder, file));
	return [
		...names
			.filter(
				(name) =>
					!allowed.some((pattern) => pattern.test(name)) ||
					neverAllowed.some((pattern) => pattern.test(name)),
			)
			.map((name) => `${name} must not be in the package.`),
		...names
			.filter((name) => secret.test(readFileSync(path.join(folder, name), 'utf8')))
			.map((name) => `${name} looks as if it held a secret.`),
	];
}

function missing(manifest) {
	const named = [...manifest.n8n.nodes, ...manifest.n8n.credentials];
	const required = ['README.md', 'LICENSE.md', ...named];
	return required
		.filter((name) => !existsSync(path.join(folder, name)))
		.map((name) => `${name} is missing in the package.`);
}

/** What n8n brings along; axios serves plain Node programs only, pg-native is never there. */
const provided = /^(n8n-workflow|zod(\/v4)?|axios|pg-native)$/;

/** By prefix, too: this script may run on a Node that is older than n8n's. */
const isProvided = (name) => /^(\.|node:)/.test(name) || isBuiltin(name) || provided.test(name);

/** Whatever else is imported would be missing in n8n: it has to be bundled. */
function unprovided() {
	return filesBelow(folder)
		.filter((file) => file.endsWith('.js'))
		.flatMap((file) => {
			const code = readFileSync(file, 'utf8');
			const names = [...code.matchAll(/\b(?:require|import)\((["'])([^"']+)\1\)/g)].map(
				([, , name]) => name,
			);
			return names
				.filter((name) => !isProvided(name))
				.map((name) => `${path.relative(folder, file)} imports "${name}", which n8n lacks.`);
		});
}

/** Sources of nodes and credentials that package.json does not name would never be loaded. */
function unnamed(manifest) {
	const named = [...manifest.n8n.nodes, ...manifest.n8n.credentials];
	return ['nodes', 'credentials']
		.flatMap((folder) => filesBelow(at(folder)))
		.filter((file) => /\.(node|credentials)\.ts$/.test(file))
		.map((file) => `dist/${path.relative(at(), file).replace(/\.ts$/, '.js')}`)
		.filter((file) => !named.includes(file))
		.map((file) => `${file} is not listed in package.json under "n8n".`);
}

/** Loads the package with n8n's own loader, in a process of its own on n8n's Node. */
function load() {
	const loader = at('scripts/support/load-package.cjs');
	const { status, stdout, stderr } = spawnSync(node24, [loader, folder], { encoding: 'utf8' });
	if (status !== 0) return { problems: [`n8n cannot load the package: ${stderr.trim()}`] };
	return JSON.parse(stdout.split('\n').at(-1));
}

async function check() {
	const bytes = await packForN8n();
	const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
	const problems = [...unwanted(), ...missing(manifest), ...unnamed(manifest), ...unprovided()];
	if (manifest.dependencies) problems.push('The package has runtime dependencies.');
	const megabytes = bytes / 1024 / 1024;
	if (megabytes > MAX_MEGABYTES) problems.push(`The tarball has ${megabytes.toFixed(1)} MB.`);
	const loaded = load();
	problems.push(...loaded.problems);

	const sizes = filesBelow(folder).map((file) => readFileSync(file).length);
	const total = sizes.reduce((sum, size) => sum + size, 0);
	say(
		`Package: ${(bytes / 1024).toFixed(0)} kB packed, ${(total / 1024).toFixed(0)} kB unpacked, ${sizes.length} files.`,
	);
	say(
		`Loaded by n8n: ${loaded.nodes?.join(', ') ?? '-'}; credentials: ${loaded.credentials?.join(', ') ?? '-'}.`,
	);
	if (problems.length > 0) throw new Error(problems.join('\n  '));
}

await ensureToolchain()
	.then(ensureBuild)
	.then(() => step('Checking the packed package', '5 seconds', check))
	.catch(fail);
