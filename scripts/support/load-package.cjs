/**
 * Loads an unpacked package as n8n does at its start and writes what it found as JSON:
 * `{ nodes, credentials, problems }`. Usage: `node load-package.cjs <folder>`.
 */
const { existsSync, mkdtempSync, readFileSync } = require('node:fs');
const Module = require('node:module');
const { tmpdir } = require('node:os');
const path = require('node:path');

process.env.N8N_USER_FOLDER = mkdtempSync(path.join(tmpdir(), 'agent-swarm-load-'));

/** n8n offers its own modules to the packages it loads in the same way. */
process.env.NODE_PATH = path.resolve(__dirname, '../../node_modules');
Module._initPaths();

const { PackageDirectoryLoader } = require('n8n-core');

const files = (list) =>
	list.map((file) => path.basename(file).replace(/\.(node|credentials)\.js$/, ''));
const same = (a, b) => a.toLowerCase() === b.toLowerCase();

async function load(folder) {
	const loader = new PackageDirectoryLoader(folder);
	await loader.loadAll();
	const { n8n } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
	const nodes = Object.keys(loader.nodeTypes);
	const credentials = Object.keys(loader.credentialTypes);
	const icons = [...loader.types.nodes, ...loader.types.credentials].flatMap(({ name, iconUrl }) =>
		(typeof iconUrl === 'string' ? [iconUrl] : Object.values(iconUrl ?? {})).map((url) => ({
			name,
			url,
		})),
	);
	const inPackage = (url) => path.join(folder, url.replace(/^icons\/[^/]+\//, ''));
	const problems = [
		...files(n8n.nodes)
			.filter((file) => !nodes.some((name) => same(name, file)))
			.map((file) => `Node ${file} was not loaded.`),
		...files(n8n.credentials)
			.filter((file) => !credentials.some((name) => same(name, file)))
			.map((file) => `Credential ${file} was not loaded.`),
		...loader.types.nodes
			.filter(({ iconUrl }) => !iconUrl)
			.map(({ name }) => `Node ${name} has no icon.`),
		...icons
			.filter(({ url }) => !existsSync(inPackage(url)))
			.map(({ name, url }) => `Icon ${url} of ${name} does not exist.`),
	];
	if (nodes.length === 0) problems.push('The package holds no node.');
	return { nodes, credentials, problems };
}

load(process.argv[2]).then(
	// On a line of its own: what is loaded may write to standard output, too.
	(found) => process.stdout.write(`\n${JSON.stringify(found)}`),
	(error) => {
		process.stderr.write(String(error.stack ?? error));
		process.exitCode = 1;
	},
);
