/** Running programs: output goes to standard error, standard output belongs to the result. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './paths.mjs';

/** A program ended with something else than 0. */
export class CommandError extends Error {
	constructor(command, code, output) {
		const tail = output.trim().split('\n').slice(-40).join('\n');
		super(`"${command}" ended with exit code ${code}.${tail ? `\n${tail}` : ''}`);
		this.name = 'CommandError';
		this.code = code;
	}
}

/** `128 + signal` as shells do it, so that a caller sees why a child ended. */
const exitCode = (code, signal) => code ?? 128 + (constants.signals[signal] ?? 0);

/**
 * Runs a program and waits for its end; an interrupt of this process reaches it too.
 *
 * @param options - `cwd`, `env` (added to this process's), `quiet` (keep the output for the error)
 * @returns its exit code
 */
export function exitCodeOf(command, args, { cwd = root, env = {}, stdio = 'inherit' } = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio });
		const forward = (signal) => child.kill(signal);
		const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
		for (const signal of signals) process.on(signal, forward);
		child.on('error', reject);
		child.on('close', (code, signal) => {
			for (const name of signals) process.off(name, forward);
			resolve(exitCode(code, signal));
		});
	});
}

/**
 * Runs a program that must succeed and returns its standard output.
 *
 * @param options - `cwd`, `env` (added to this process's)
 * @throws {CommandError} with the last lines of both outputs
 */
export function run(command, args, { cwd = root, env = {} } = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, {
			cwd,
			env: { ...process.env, ...env },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let stdout = '';
		let both = '';
		child.stdout.on('data', (chunk) => ((stdout += chunk), (both += chunk)));
		child.stderr.on('data', (chunk) => (both += chunk));
		child.on('error', reject);
		child.on('close', (code, signal) => {
			const status = exitCode(code, signal);
			if (status === 0) resolve(stdout);
			else reject(new CommandError([command, ...args].join(' '), status, both));
		});
	});
}
