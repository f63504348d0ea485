import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A free port of the loopback interface. */
export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** A Redis server of the test's own. */
export interface RedisServer {
	url: string;
	port: number;
	/** Ends it; `SIGKILL` as a crash would. */
	stop(signal?: NodeJS.Signals): Promise<void>;
	/** Lets it stand still, with all its connections open. */
	freeze(): void;
	/** Lets it go on. */
	thaw(): void;
	/** Starts it again on the same data. */
	restart(): Promise<void>;
	/** Ends it and removes its data. */
	remove(): Promise<void>;
}

/** Starts Redis on a free port, with its data on disk after every write. */
export async function startRedis(...args: string[]): Promise<RedisServer> {
	const port = await freePort();
	const folder = mkdtempSync(join(tmpdir(), 'agent-swarm-redis-'));
	let child: ChildProcess;
	const launch = async (): Promise<void> => {
		const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
		child = spawn('redis-server', [
			...options,
			'--appendonly',
			'yes',
			'--appendfsync',
			'always',
			...args,
		]);
		await new Promise<void>((resolve, reject) => {
			child.once('error', reject);
			child.once('exit', () => reject(new Error('redis-server did not start')));
			child.stdout!.on('data', (text: Buffer) => {
				if (text.toString().includes('Ready to accept connections')) resolve();
			});
		});
	};
	const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
		if (child.exitCode !== null || child.signalCode !== null) return;
		const ended = new Promise((resolve) => child.once('exit', resolve));
		child.kill(signal);
		await ended;
	};
	await launch();
	return {
		url: `redis://127.0.0.1:${port}`,
		port,
		freeze: () => void child.kill('SIGSTOP'),
		thaw: () => void child.kill('SIGCONT'),
		stop,
		restart: launch,
		remove: async () => {
			await stop('SIGKILL');
			rmSync(folder, { recursive: true, force: true });
		},
	};
}
