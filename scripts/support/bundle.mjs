/**
 * Database clients travel inside the driver that uses them: a community node may have no
 * runtime dependencies. Their licences travel along.
 */
import { readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at } from './paths.mjs';
import { filesBelow } from './sources.mjs';

/** Clients that n8n does not promise to bring along. */
const bundled = ['pg', 'ioredis'];

/** The compiler keeps the quotes of the source. */
const clientImport = new RegExp(`(?:require|import)\\((["'])(?:${bundled.join('|')})\\1\\)`);

const requiresClient = (file) => clientImport.test(readFileSync(file, 'utf8'));

/** The engine's own files stay files of their own, so that there is one copy of each. */
const keepOwnFilesOutside = {
	name: 'keep-own-files-outside',
	setup(build) {
		build.onResolve({ filter: /^\.\.?\// }, ({ importer, path: target }) =>
			importer.includes(`${path.sep}node_modules${path.sep}`)
				? undefined
				: { path: target, external: true },
		);
	},
};

const packageFolder = (input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];

function licenceText(folder) {
	const { name, version, license } = JSON.parse(
		readFileSync(path.join(folder, 'package.json'), 'utf8'),
	);
	const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
	const text = file ? readFileSync(path.join(folder, file), 'utf8').trim() : `Licence: ${license}`;
	return `${name} ${version}\n\n${text}\n`;
}

/**
 * Bundles the clients into the compiled drivers, in place.
 *
 * @param drivers - folder of the compiled drivers
 */
export async function bundleClients(drivers) {
	const files = filesBelow(drivers).filter((file) => file.endsWith('.js') && requiresClient(file));
	if (files.length === 0) return;

	const { build } = await import('esbuild');
	const packages = new Set();
	for (const file of files) {
		const outfile = `${file}.bundled`;
		const { metafile } = await build({
			entryPoints: [file],
			outfile,
			bundle: true,
			platform: 'node',
			format: 'cjs',
			target: 'node20',
			external: ['pg-native', 'zod', 'n8n-workflow'],
			minifyWhitespace: true,
			legalComments: 'none',
			logLevel: 'warning',
			metafile: true,
			absWorkingDir: at(),
			nodePaths: [at('node_modules')],
			plugins: [keepOwnFilesOutside],
		});
		renameSync(outfile, file);
		for (const input of Object.keys(metafile.inputs)) packages.add(packageFolder(input));
	}
	packages.delete(undefined);
	const texts = [...packages].sort().map((folder) => licenceText(at(folder)));
	writeFileSync(
		path.join(drivers, 'THIRD_PARTY_LICENSES.txt'),
		texts.join(`\n${'-'.repeat(80)}\n\n`),
	);
}
