import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const POSTGRES = '/usr/lib/postgresql/15/bin';

async function freePort() {
	const server = createServer();
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address();
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** A Redis server in memory. */
export async function redisServer() {
	const port = await freePort();
	const child = spawn('redis-server', ['--port', port, '--bind', '127.0.0.1', '--save', '']);
	await pause(1000);
	return { url: `redis://127.0.0.1:${port}`, stop: () => child.kill() };
}

/** A PostgreSQL server with its usual settings: every commit is flushed to disk. */
export async function postgresServer() {
	const port = await freePort();
	const folder = mkdtempSync(path.join(tmpdir(), 'agent-swarm-bench-postgres-'));
	const data = path.join(folder, 'data');
	const root = userInfo().uid === 0;
	if (root) {
		chownSync(folder, Number(execFileSync('id', ['-u', 'postgres'])), 0);
		chmodSync(folder, 0o700);
	}
	const run = (program, ...args) => {
		const command = [path.join(POSTGRES, program), ...args];
		const [file, ...rest] = root ? ['runuser', '-u', 'postgres', '--', ...command] : command;
		execFileSync(file, rest, { cwd: tmpdir(), stdio: 'ignore' });
	};
	run('initdb', '-D', data, '-U', 'swarm', '-A', 'trust', '--no-sync');
	const options = `-p ${port} -h 127.0.0.1 -k ${folder}`;
	run('pg_ctl', '-D', data, '-l', path.join(folder, 'log'), '-w', '-o', options, 'start');
	return {
		url: `postgresql://swarm@127.0.0.1:${port}/postgres`,
		stop: () => {
			run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop');
			rmSync(folder, { recursive: true, force: true });
		},
	};
}
