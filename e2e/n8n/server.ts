/** A real n8n: start, stop, kill, start again. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { n8nEnvironment } from './environment.ts';
import { installPackage } from './package.ts';
import { n8nBinary } from './paths.ts';
import { freePort } from './ports.ts';
import { waitFor } from './waitFor.ts';

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

export interface N8nServer {
	/** `http://localhost:<port>`: the host that n8n itself uses in its links. */
	readonly url: string;
	readonly port: number;
	readonly logFile: string;
	readonly userFolder: string;
	/** Process id while it runs. */
	pid(): number | undefined;
	/** Ends it as an administrator would: SIGTERM, and SIGKILL when that does not help. */
	stop(): Promise<void>;
	/** Ends it as a power cut would. */
	kill(): Promise<void>;
	/** Starts it again on the same ports and data; returns when it answers. */
	start(): Promise<void>;
}

const STOP_AFTER_MS = 15_000;

const running = (child: ChildProcess | undefined): child is ChildProcess & { pid: number } =>
	child?.pid !== undefined && child.exitCode === null && child.signalCode === null;

/** n8n leads a process group of its own, which includes its task runner. */
function signalGroup(child: ChildProcess & { pid: number }, signal: NodeJS.Signals): void {
	try {
		process.kill(-child.pid, signal);
	} catch {
		child.kill(signal);
	}
}

async function logTail(logFile: string): Promise<string> {
	const log = await readFile(logFile, 'utf8');
	return log.trim().split('\n').slice(-30).join('\n');
}

function launch(environment: NodeJS.ProcessEnv, logFile: string): ChildProcess {
	const watchdog = path.join(import.meta.dirname, 'exitWithParent.mjs');
	const child = spawn(process.execPath, ['--import', watchdog, n8nBinary, 'start'], {
		env: environment,
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
	});
	const log = createWriteStream(logFile, { flags: 'a' });
	child.stdout?.pipe(log, { end: false });
	child.stderr?.pipe(log, { end: false });
	child.once('close', () => log.end());
	return child;
}

async function isReady(port: number): Promise<true | undefined> {
	const answer = await fetch(`http://127.0.0.1:${port}/healthz/readiness`).catch(() => undefined);
	return answer?.ok ? true : undefined;
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
	const logFile = path.join(userFolder, 'n8n.log');
	let child: ChildProcess | undefined;

	async function start(): Promise<void> {
		if (running(child)) return;
		// n8n sleeps 10 s when it finds the trace of a crash; ours are made on purpose.
		await rm(path.join(userFolder, '.n8n/crash.journal'), { force: true });
		const launched = launch(environment, logFile);
		child = launched;
		await waitFor(
			'n8n to answer',
			async () => {
				if (running(launched)) return isReady(port);
				throw new Error(
					`n8n ended during its start. Its log (${logFile}):\n${await logTail(logFile)}`,
				);
			},
			{ timeoutMs: startTimeoutMs },
		);
	}

	async function end(signal: NodeJS.Signals): Promise<void> {
		const ending = child;
		if (!running(ending)) return;
		const closed = once(ending, 'close');
		if (signal === 'SIGKILL') signalGroup(ending, signal);
		else ending.kill(signal);
		const inTime = await Promise.race([closed, sleep(STOP_AFTER_MS, undefined, { ref: false })]);
		if (inTime === undefined) {
			signalGroup(ending, 'SIGKILL');
			await closed;
		}
	}

	await mkdir(userFolder, { recursive: true });
	await installPackage(userFolder);
	const server: N8nServer = {
		url: `http://localhost:${port}`,
		port,
		logFile,
		userFolder,
		pid: () => (running(child) ? child.pid : undefined),
		stop: () => end('SIGTERM'),
		kill: () => end('SIGKILL'),
		start,
	};
	await start().catch(async (error: unknown) => {
		await server.kill();
		return Promise.reject(error);
	});
	return server;
}
