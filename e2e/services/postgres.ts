/** A PostgreSQL server of a test's own. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { freePort } from '../n8n/ports.ts';

export interface PostgresService {
	/** `postgresql://swarm@127.0.0.1:<port>/postgres` */
	readonly url: string;
	readonly port: number;
	readonly user: string;
	readonly database: string;
	/** Ends it and removes its data. */
	remove(): void;
}

/** Where Debian puts its versions of PostgreSQL, each with the server's programs. */
const VERSIONS = '/usr/lib/postgresql';
const USER = 'swarm';
const DATABASE = 'postgres';

const programs = () => {
	const newest = readdirSync(VERSIONS)
		.sort((a, b) => Number(a) - Number(b))
		.at(-1);
	return path.join(VERSIONS, newest ?? '', 'bin');
};

/** Starts PostgreSQL on a free port of the loopback interface. */
export async function startPostgres(): Promise<PostgresService> {
	const port = await freePort();
	const folder = mkdtempSync(path.join(tmpdir(), 'agent-swarm-postgres-'));
	const data = path.join(folder, 'data');
	// The server refuses to run as root.
	const isRoot = userInfo().uid === 0;
	if (isRoot) {
		chownSync(folder, Number(execFileSync('id', ['-u', 'postgres'])), 0);
		chmodSync(folder, 0o700);
	}
	const run = (program: string, ...args: string[]): void => {
		const command = [path.join(programs(), program), ...args];
		const [file = '', ...rest] = isRoot ? ['runuser', '-u', 'postgres', '--', ...command] : command;
		execFileSync(file, rest, { cwd: tmpdir(), stdio: 'ignore' });
	};
	const remove = (): void => {
		process.off('exit', remove);
		run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop');
		rmSync(folder, { recursive: true, force: true });
	};
	run('initdb', '-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--no-sync');
	const settings = `-p ${port} -h 127.0.0.1 -k ${folder}`;
	run('pg_ctl', '-D', data, '-l', path.join(folder, 'log'), '-w', '-o', settings, 'start');
	// It must not outlive a test runner that is told to end.
	process.once('exit', remove);
	return {
		url: `postgresql://${USER}@127.0.0.1:${port}/${DATABASE}`,
		port,
		user: USER,
		database: DATABASE,
		remove,
	};
}
