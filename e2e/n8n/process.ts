/** A process of n8n, main or worker: launch, wait until it answers, stop, kill, start again. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { n8nBinary } from './paths.ts';
import { waitFor } from './waitFor.ts';

export interface ProcessOptions {
	/** What follows `n8n`, e.g. `['worker', '--concurrency=5']`. */
	command: string[];
	environment: NodeJS.ProcessEnv;
	/** Holds everything this process keeps: settings, our package, its log. */
	userFolder: string;
	/** Where it answers `/healthz/readiness`. */
	port: number;
	/** Longest start in milliseconds. */
	startTimeoutMs: number;
}

export interface N8nProcess {
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

function launch({ command, environment }: ProcessOptions, logFile: string): ChildProcess {
	const watchdog = path.join(import.meta.dirname, 'exitWithParent.mjs');
	const child = spawn(process.execPath, ['--import', watchdog, n8nBinary, ...command], {
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

/** Does not start it yet. */
export function n8nProcess(options: ProcessOptions): N8nProcess {
	const { userFolder, port, startTimeoutMs } = options;
	const logFile = path.join(userFolder, 'n8n.log');
	let child: ChildProcess | undefined;

	async function start(): Promise<void> {
		if (running(child)) return;
		// n8n sleeps 10 s when it finds the trace of a crash; ours are made on purpose.
		await rm(path.join(userFolder, '.n8n/crash.journal'), { force: true });
		const launched = launch(options, logFile);
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

	return {
		logFile,
		userFolder,
		pid: () => (running(child) ? child.pid : undefined),
		stop: () => end('SIGTERM'),
		kill: () => end('SIGKILL'),
		start,
	};
}
