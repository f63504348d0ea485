/** Everything a change must pass, in one go: `.ci/run`. */
import { exitCodeOf } from './support/process.mjs';
import { fail, say } from './support/progress.mjs';
import { ensureToolchain, node24Environment } from './toolchain.mjs';

const checks = ['lint', 'typecheck', 'scan', 'pack:check'];
const durations = [];

async function npm(...args) {
	const startedAt = Date.now();
	say(`\n══ npm ${args.join(' ')} ══`);
	const exitCode = await exitCodeOf('npm', args, {
		env: node24Environment(),
		stdio: ['ignore', 'inherit', 'inherit'],
	});
	const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
	durations.push(`${args.at(-1)}: ${seconds} s, ${exitCode === 0 ? 'ok' : 'FAILED'}`);
	return exitCode;
}

async function ci() {
	await ensureToolchain();
	let failures = 0;
	for (const check of checks) failures += (await npm('run', '--silent', check)) === 0 ? 0 : 1;
	if (failures > 0)
		say(`\n${failures} of ${checks.length} checks failed; the tests run all the same.`);
	say(`\n${durations.join('\n')}`);
	// Last, so that its summary is the last line.
	failures += (await npm('test', '--silent')) === 0 ? 0 : 1;
	process.exitCode = failures > 0 ? 1 : 0;
}

await ci().catch(fail);
