// Simulates runs of the engine under virtual time:
//   npm run simulate -- --schedules 50000 [--seed 1]
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const outfile = join(root, '.cache', 'simulate.cjs');
mkdirSync(dirname(outfile), { recursive: true });
buildSync({
	entryPoints: [join(root, 'tests', 'simulation', 'main.ts')],
	outfile,
	bundle: true,
	platform: 'node',
	format: 'cjs',
	target: 'node24',
	logLevel: 'warning',
	external: ['node:*'],
});
const node = join(root, 'node_modules', '.bin', 'node');
const { status } = spawnSync(node, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
