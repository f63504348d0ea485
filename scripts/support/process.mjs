/** Running programs: output goes to standard error, standard output belongs to the result. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './paths.mjs';

/** A program ended with something else than 0. */
export class CommandError extends Error {
	constructor(command, code, output) {
		const tail = withoutEscapes(output).trim().split('\n').slice(-40).join('\n');
		super(`"${command}" ended with exit code ${code}.${tail ? `\n${tail}` : ''}`);
		this.name = 'CommandError';
		this.code = code;
	}
}

/** Colours and cursor movements would only clutter a message. */
const withoutEscapes = (text) => text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');

const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Starts a program that ends when this process is interrupted.
 *
 * @returns the child, and its exit code as shells count it: `128 + signal` when it was killed
 */
function start(command, args, { cwd = root, env = {}, stdio }) {
	const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio });
	const forward = (signal) => child.kill(signal);
	for (const signal of INTERRUPTS) process.on(signal, forward);
	const exitCode = new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
	}).finally(() => {
		for (const signal of INTERRUPTS) process.off(signal, forward);
	});
	return { child, exitCode };
}

/**
 * Runs a program and waits for its end.
 *
 * @param options - `cwd`, `env` (added to this process's), `stdio` (default: this process's)
 * @returns its exit code
 */
export const exitCodeOf = (command, args, { stdio = 'inherit', ...options } = {}) =>
	start(command, args, { ...options, stdio }).exitCode;

/**
 * Runs a program that must succeed and returns its standard output.
 *
 * @param options - `cwd`, `env` (added to this process's)
 * @throws {CommandError} with the last lines of both outputs
 */
export async function run(command, args, options = {}) {
	const stdio = ['ignore', 'pipe', 'pipe'];
	const { child, exitCode } = start(command, args, { ...options, stdio });
	let stdout = '';
	let both = '';
	child.stdout.on('data', (chunk) => ((stdout += chunk), (both += chunk)));
	child.stderr.on('data', (chunk) => (both += chunk));
	const code = await exitCode;
	if (code !== 0) throw new CommandError([command, ...args].join(' '), code, both);
	return stdout;
}
