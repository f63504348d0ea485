/** The tests of a folder and the engine with its mutants, as one file. */
import { build } from 'esbuild';
import path from 'node:path';
import { at } from '../support/paths.mjs';
import { filesBelow } from '../support/sources.mjs';
import { BANNER } from './switches.mjs';

const useSources = (sources) => ({
	name: 'use-sources',
	setup(build) {
		build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
			const contents = sources.get(file);
			return contents && { contents, loader: 'ts', resolveDir: path.dirname(file) };
		});
	},
});

/** The worker's own `describe`, `it` and `expect`. */
const useGlobals = {
	name: 'use-globals',
	setup(build) {
		build.onResolve({ filter: /^@jest\/globals$/ }, ({ path: name }) => ({
			path: name,
			namespace: 'globals',
		}));
		build.onLoad({ filter: /.*/, namespace: 'globals' }, () => ({
			contents: 'module.exports = globalThis;',
		}));
	},
};

/**
 * @param sources - what takes the place of files, by path
 * @param outfile - where the bundle goes
 */
export async function bundleTests(tests, sources, outfile) {
	const files = filesBelow(at(tests)).filter((file) => file.endsWith('.test.ts'));
	if (files.length === 0) throw new Error(`There are no tests in ${tests}.`);
	await build({
		stdin: {
			contents: files.map((file) => `require(${JSON.stringify(file)});`).join('\n'),
			resolveDir: at(),
			loader: 'js',
		},
		bundle: true,
		platform: 'node',
		format: 'cjs',
		target: 'es2023',
		packages: 'external',
		banner: { js: BANNER },
		plugins: [useSources(sources), useGlobals],
		outfile,
		logLevel: 'error',
	});
}
