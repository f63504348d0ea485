import { join } from 'node:path';

import { build } from 'esbuild';

/**
 * Compiles the worker, with the engine, into one file that plain Node can run.
 *
 * @returns its path
 */
export async function bundleWorker(folder: string): Promise<string> {
	const outfile = join(folder, 'worker.cjs');
	await build({
		entryPoints: [join(__dirname, 'worker.ts')],
		outfile,
		bundle: true,
		platform: 'node',
		format: 'cjs',
		external: ['pg-native'],
		logLevel: 'error',
	});
	return outfile;
}
