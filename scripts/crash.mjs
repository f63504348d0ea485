/**
 * Kills real processes at every boundary of the journal, thousands of times, on SQLite, PostgreSQL
 * and Redis, and checks that nothing recorded is lost or done again: `npm run test:crash`.
 * Fewer kills: `npm run test:crash -- --kills=200`; other deaths: `--seed=8`.
 */
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import { at, cache } from './support/paths.mjs';

const folder = cache('crash');
mkdirSync(folder, { recursive: true });

async function bundle(name) {
	const outfile = path.join(folder, `${name}.cjs`);
	await build({
		entryPoints: [at(`tests/crash/${name}.ts`)],
		outfile,
		bundle: true,
		platform: 'node',
		format: 'cjs',
		external: ['pg-native'],
		logLevel: 'error',
	});
	return outfile;
}

const worker = await bundle('worker');
const { main } = createRequire(import.meta.url)(await bundle('main'));
process.exitCode = (await main(worker, process.argv.slice(2))) ? 0 : 1;
