/** Programs that npm cannot bring: taken from Debian's own packages when they are missing. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { run } from './process.mjs';
import { step } from './progress.mjs';

const searchPath = () => (process.env.PATH ?? '').split(path.delimiter);

/** Is the program in PATH (or at its absolute path)? */
export const hasProgram = (program) =>
	path.isAbsolute(program)
		? existsSync(program)
		: searchPath().some((folder) => existsSync(path.join(folder, program)));

/**
 * Makes sure that programs are there.
 *
 * @param wanted - `{ program: package }`, e.g. `{ 'g++': 'g++' }`
 * @throws {Error} naming the packages to install when this machine has no apt or we are not root
 */
export async function ensurePrograms(wanted, usual) {
	const packages = Object.entries(wanted)
		.filter(([program]) => !hasProgram(program))
		.map(([, name]) => name);
	if (packages.length === 0) return;

	const names = [...new Set(packages)].join(' ');
	if (!hasProgram('apt-get') || process.getuid?.() !== 0) {
		throw new Error(
			`These programs are missing: ${names}. Install them (on Debian, as root: apt-get install ${names}) and start again.`,
		);
	}
	const env = { DEBIAN_FRONTEND: 'noninteractive' };
	await step(`Installing ${names} with apt`, usual, async () => {
		await run('apt-get', ['update', '-qq'], { env });
		await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names.split(' ')], {
			env,
		});
	});
}
