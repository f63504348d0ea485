/** A Redis server of a test's own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../n8n/ports.ts';

export interface RedisService {
	/** `redis://127.0.0.1:<port>` */
	readonly url: string;
	readonly port: number;
	/** Ends it and removes its data. */
	remove(): Promise<void>;
}

async function ready(child: ChildProcess): Promise<void> {
	const failed = once(child, 'exit').then(() =>
		Promise.reject(new Error('redis-server did not start. Is it installed?')),
	);
	const answering = (async () => {
		for await (const text of child.stdout!) {
			if (String(text).includes('Ready to accept connections')) return;
		}
	})();
	await Promise.race([failed, answering]);
	child.stdout!.resume();
}

/** Starts Redis on a free port of the loopback interface, with every write on disk. */
export async function startRedis(): Promise<RedisService> {
	const port = await freePort();
	const folder = await mkdtemp(path.join(tmpdir(), 'agent-swarm-redis-'));
	const options = { bind: '127.0.0.1', dir: folder, save: '', appendonly: 'yes' };
	const child = spawn('redis-server', [
		...['--port', `${port}`],
		...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
	]);
	const end = () => child.kill('SIGKILL');
	// It must not outlive a test runner that is told to end.
	process.once('exit', end);
	await ready(child);
	return {
		url: `redis://127.0.0.1:${port}`,
		port,
		remove: async () => {
			process.off('exit', end);
			if (end()) await once(child, 'exit');
			await rm(folder, { recursive: true, force: true });
		},
	};
}
