/**
 * From a fresh clone to a working multi-agent workflow in a real n8n: `npm start`.
 * With `--once` it approves the review by itself, writes the result to standard output and ends.
 */
import { fail } from './support/progress.mjs';
import { ensurePackage } from './support/suites.mjs';
import { at } from './support/paths.mjs';
import { ensureN8n, ensureToolchain, onNode24 } from './toolchain.mjs';

async function start() {
	await ensureToolchain();
	await ensurePackage();
	await ensureN8n();
	process.exitCode = await onNode24([at('e2e/start/main.ts'), ...process.argv.slice(2)]);
}

await start().catch(fail);
