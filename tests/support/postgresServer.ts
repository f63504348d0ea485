import { execFile } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

import { freePort } from './redisServer';

/** Where Debian puts its versions of PostgreSQL, each with the server's programs. */
const VERSIONS = '/usr/lib/postgresql';
const newest = readdirSync(VERSIONS).sort().at(-1)!;
const BIN = join(VERSIONS, newest, 'bin');
const run = promisify(execFile);

/** A PostgreSQL server of the test's own. */
export interface PostgresServer {
	url: string;
	/** Ends it at once, as a crash would. */
	crash(): Promise<void>;
	/** Starts it on what a crash has left, and ends it at once again while it recovers. */
	crashInRecovery(): Promise<void>;
	/** Starts it again on the same data. */
	restart(): Promise<void>;
	/** Ends it and removes its data. */
	remove(): Promise<void>;
}

/** What a server asks of its clients. */
export interface PostgresDemands {
	/** Default: none. */
	password?: string;
	/** Whether it speaks TLS, with a certificate that it has signed itself. Default false. */
	tls?: boolean;
}

/** Starts PostgreSQL on a free port of the loopback interface. */
export async function startPostgres({
	password,
	tls = false,
}: PostgresDemands = {}): Promise<PostgresServer> {
	const port = await freePort();
	const folder = mkdtempSync(join(tmpdir(), 'agent-swarm-postgres-'));
	const data = join(folder, 'data');
	// The server refuses to run as root.
	const root = userInfo().uid === 0;
	if (root) {
		const { stdout } = await run('id', ['-u', 'postgres']);
		chownSync(folder, Number(stdout), 0);
		chmodSync(folder, 0o700);
	}
	const command = async (path: string, ...args: string[]): Promise<void> => {
		const cwd = { cwd: tmpdir() };
		if (root) await run('runuser', ['-u', 'postgres', '--', path, ...args], cwd);
		else await run(path, args, cwd);
	};
	const [pgCtl, initdb] = [join(BIN, 'pg_ctl'), join(BIN, 'initdb')];
	const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
	const secured = `-c ssl=on -c ssl_key_file=${key} -c ssl_cert_file=${certificate}`;
	const start = async (wait = '-w'): Promise<void> => {
		const options = `-p ${port} -h 127.0.0.1 -k ${folder} ${tls ? secured : ''}`;
		const log = join(folder, 'log');
		await command(pgCtl, '-D', data, '-l', log, wait, '-o', options, 'start');
	};
	const stop = async (mode: string): Promise<void> => {
		await command(pgCtl, '-D', data, '-m', mode, '-w', 'stop').catch(() => undefined);
	};
	if (tls) {
		const subject = ['-subj', '/CN=localhost', '-days', '1', '-newkey', 'rsa:2048', '-nodes'];
		await command('openssl', 'req', '-x509', ...subject, '-keyout', key, '-out', certificate);
	}
	const passwordFile = join(folder, 'password');
	writeFileSync(passwordFile, password ?? 'nobody asks for it', { mode: 0o644 });
	const trust = [
		'-A',
		password === undefined ? 'trust' : 'scram-sha-256',
		'--pwfile',
		passwordFile,
	];
	await command(initdb, '-D', data, '-U', 'swarm', ...trust, '-E', 'UTF8', '--no-sync');
	await start();
	return {
		url: `postgresql://swarm@127.0.0.1:${port}/postgres`,
		crash: async () => await stop('immediate'),
		crashInRecovery: async () => {
			await start('-W');
			while (!existsSync(join(data, 'postmaster.pid'))) await pause(1);
			await stop('immediate');
		},
		restart: async () => await start(),
		remove: async () => {
			await stop('immediate');
			rmSync(folder, { recursive: true, force: true });
		},
	};
}
