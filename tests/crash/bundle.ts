import { join } from 'node:path';

import { build } from 'esbuild';

/**
 * Compiles a worker, with the engine, into one file that plain Node can run.
 *
 * @param name - of its file in this folder
 * @returns its path
 */
export async function bundleWorker(folder: string, name = 'worker'): Promise<string> {
	const outfile = join(folder, `${name}.cjs`);
	await build({
		entryPoints: [join(__dirname, `${name}.ts`)],
		outfile,
		bundle: true,
		platform: 'node',
		format: 'cjs',
		external: ['pg-native'],
		logLevel: 'error',
	});
	return outfile;
}
