/** A real n8n: start, stop, kill, start again. */
import { mkdir } from 'node:fs/promises';
import { n8nEnvironment } from './environment.ts';
import { installPackage } from './package.ts';
import { freePort } from './ports.ts';
import { n8nProcess } from './process.ts';
import type { N8nProcess } from './process.ts';

export interface N8nOptions {
	/** Holds everything this n8n keeps: database, settings, our package. Made when missing. */
	userFolder: string;
	/** Taken when it is free, otherwise any other. */
	preferredPort?: number;
	/** Added to the environment, e.g. `{ EXECUTIONS_TIMEOUT: '60' }`. */
	env?: Record<string, string>;
	/** Longest start in milliseconds. Default 120000: the first one builds the database. */
	startTimeoutMs?: number;
}

export interface N8nServer extends N8nProcess {
	/** `http://localhost:<port>`: the host that n8n itself uses in its links. */
	readonly url: string;
	readonly port: number;
}

/** Starts a process that is new; a half-started one does not stay behind. */
export async function started<Process extends N8nProcess>(process: Process): Promise<Process> {
	await process.start().catch(async (error: unknown) => {
		await process.kill();
		return Promise.reject(error);
	});
	return process;
}

/**
 * Starts n8n with our package on loopback and waits until it answers.
 *
 * @throws {Error} with the end of its log when it gave up
 */
export async function startN8n(options: N8nOptions): Promise<N8nServer> {
	const { userFolder, env = {}, startTimeoutMs = 120_000 } = options;
	const port = await freePort(options.preferredPort);
	const brokerPort = await freePort();
	const environment = { ...n8nEnvironment({ userFolder, port, brokerPort }), ...env };
	await mkdir(userFolder, { recursive: true });
	await installPackage(userFolder);
	const main = n8nProcess({ command: ['start'], environment, userFolder, port, startTimeoutMs });
	return await started({ ...main, url: `http://localhost:${port}`, port });
}
