import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Redis } from 'ioredis';
import { Client } from 'pg';

import { acquireLease, openPostgresStore, openRedisStore } from '../../../lib';
import { startPostgres, type PostgresServer } from '../../support/postgresServer';
import { freePort, startRedis } from '../../support/redisServer';
import { TestClock } from './contract';
import { ManualRuntime } from './manualRuntime';

const clock = new TestClock();
const entry = (body: string) => [{ runId: 'a', body }];

describe('Redis that fails over', () => {
	it('refuses writes while it is a replica, and the store goes on when it is the primary again', async () => {
		const [own, other] = await Promise.all([startRedis(), startRedis()]);
		const store = await openRedisStore({ url: own.url, clock });
		await store.append(entry('before'));
		const admin = new Redis(own.url);
		await admin.replicaof('127.0.0.1', other.port);
		await expect(store.append(entry('lost'))).rejects.toMatchObject({
			code: 'STORE_UNAVAILABLE',
			hint: expect.stringContaining('primary'),
		});
		await admin.replicaof('NO', 'ONE');
		await expect(store.append(entry('after'))).resolves.toEqual([2]);
		expect((await store.read('a')).map(({ body }) => body)).toEqual(['before', 'after']);
		admin.disconnect();
		await store.close();
		await Promise.all([own.remove(), other.remove()]);
	});

	/** A primary, and a replica that has everything written until `cutOff`, and nothing after it. */
	const replicated = async () => {
		const atOnce = ['--repl-diskless-sync-delay', '0'];
		const [primary, replica] = await Promise.all([startRedis(...atOnce), startRedis()]);
		const admin = new Redis(replica.url);
		const cutOff = async () => {
			await admin.replicaof('127.0.0.1', primary.port);
			while (!(await admin.info('replication')).includes('master_link_status:up')) {
				await admin.ping();
			}
			await admin.replicaof('NO', 'ONE');
		};
		return { primary, replica, admin, cutOff };
	};

	it('loses the last writes with its primary, and numbers what comes after without gaps', async () => {
		const { primary, replica, admin, cutOff } = await replicated();
		const before = await openRedisStore({ url: primary.url, clock });
		await before.append(entry('copied'));
		await cutOff();
		await before.append(entry('lost with the primary'));
		await primary.stop('SIGKILL');
		const after = await openRedisStore({ url: replica.url, clock });
		await expect(after.append(entry('done again'))).resolves.toEqual([2]);
		expect(await after.read('a')).toEqual([
			{ seq: 1, body: 'copied' },
			{ seq: 2, body: 'done again' },
		]);
		admin.disconnect();
		await Promise.all([before.close(), after.close()]);
		await Promise.all([primary.remove(), replica.remove()]);
	}, 30_000);

	it('says that it hangs, and goes on when it answers again', async () => {
		const server = await startRedis();
		const store = await openRedisStore({ url: server.url, clock, timeoutMs: 300 });
		await store.append(entry('before'));
		server.freeze();
		await expect(store.append(entry('on its way'))).rejects.toMatchObject({
			code: 'STORE_UNAVAILABLE',
			retryable: true,
		});
		server.thaw();
		// What was on its way arrived after all: nobody was told, and nothing is numbered twice.
		await expect(store.append(entry('after'))).resolves.toEqual([3]);
		expect((await store.read('a')).map(({ body }) => body)).toEqual([
			'before',
			'on its way',
			'after',
		]);
		await store.close();
		await server.remove();
	});

	it('refuses what the owner of a lease records once the lease was evicted', async () => {
		const server = await startRedis();
		const store = await openRedisStore({ url: server.url, clock });
		const runtime = new ManualRuntime();
		const lease = { store, name: 'job', runId: 'a', runtime };
		const first = await acquireLease({ ...lease, owner: 'first' });
		const admin = new Redis(server.url);
		await admin.del('{agent_swarm}:doc:6:leases:job');
		await expect(first.append(entry('unguarded'))).rejects.toMatchObject({ code: 'LEASE_LOST' });
		const second = await acquireLease({ ...lease, owner: 'second' });
		await expect(second.append(entry('guarded'))).resolves.toEqual([1]);
		admin.disconnect();
		await store.close();
		await server.remove();
	});

	it('gives the token of a lost lease again, and still refuses what its former owner records', async () => {
		const { primary, replica, admin, cutOff } = await replicated();
		const store = await openRedisStore({ url: primary.url, clock });
		const lease = { store, name: 'job', runId: 'a' };
		const firstRuntime = new ManualRuntime();
		await (await acquireLease({ ...lease, runtime: firstRuntime, owner: 'earlier' })).release();
		await cutOff();
		const first = await acquireLease({ ...lease, runtime: firstRuntime, owner: 'first' });
		const lost = await store.get('leases', 'job');

		// The same store, now led to the new primary.
		const promoted = await openRedisStore({ url: replica.url, clock });
		store.append = promoted.append.bind(promoted);
		store.put = promoted.put.bind(promoted);
		const runtime = new ManualRuntime();
		const second = await acquireLease({ ...lease, store: promoted, runtime, owner: 'second' });
		expect((await promoted.get('leases', 'job'))?.version).toBe(lost?.version);
		await expect(first.append(entry('by the first'))).rejects.toMatchObject({ code: 'LEASE_LOST' });
		await second.append(entry('by the second'));
		expect((await promoted.read('a')).map(({ body }) => body)).toEqual(['by the second']);

		// Nor does its renewal take the lease back.
		await firstRuntime.advance(10_000);
		expect(first.lost.aborted).toBe(true);
		await second.append(entry('again by the second'));
		expect(second.lost.aborted).toBe(false);
		admin.disconnect();
		await Promise.all([store.close(), promoted.close()]);
		await Promise.all([primary.remove(), replica.remove()]);
	}, 30_000);
});

describe('Redis over TLS', () => {
	const folder = mkdtempSync(join(tmpdir(), 'agent-swarm-tls-'));
	const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
	const subject = ['-subj', '/CN=localhost', '-days', '1'];
	const make = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject];
	execFileSync('openssl', [...make, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
	afterAll(() => rmSync(folder, { recursive: true }));

	it('refuses a certificate that nobody vouches for, unless it is told to accept any', async () => {
		const tlsPort = await freePort();
		const files = ['--tls-cert-file', certificate, '--tls-key-file', key];
		const tls = ['--tls-port', `${tlsPort}`, '--tls-ca-cert-file', certificate];
		const server = await startRedis(...tls, ...files, '--tls-auth-clients', 'no');
		const url = `rediss://localhost:${tlsPort}`;
		await expect(openRedisStore({ url, clock, timeoutMs: 3000 })).rejects.toMatchObject({
			code: 'STORE_UNAVAILABLE',
			message: expect.stringMatching(/self-signed certificate/),
			hint: expect.stringContaining('Ignore SSL Issues'),
		});
		const store = await openRedisStore({ url, clock, allowAnyCertificate: true });
		await expect(store.append(entry('x'))).resolves.toEqual([1]);
		await store.close();
		await server.remove();
	});
});

describe('PostgreSQL over TLS, with a password', () => {
	const password = 'right & proper';
	let server: PostgresServer;
	beforeAll(async () => {
		server = await startPostgres({ password, tls: true });
	}, 60_000);
	afterAll(async () => await server.remove());

	it('refuses a certificate that nobody vouches for, unless it is told to accept any', async () => {
		const url = `${server.url}?sslmode=require`;
		await expect(openPostgresStore({ url, password, clock })).rejects.toMatchObject({
			code: 'STORE_UNAVAILABLE',
			message: expect.stringMatching(/self-signed certificate/),
			hint: expect.stringContaining('Ignore SSL Issues'),
		});
		const store = await openPostgresStore({ url, password, clock, allowAnyCertificate: true });
		await expect(store.append(entry('x'))).resolves.toEqual([1]);
		const address = new URL(server.url);
		address.password = encodeURIComponent(password);
		const admin = new Client({ connectionString: address.href });
		await admin.connect();
		const { rows } = await admin.query(
			'SELECT count(*)::int AS encrypted FROM pg_stat_ssl WHERE ssl',
		);
		expect(rows).toEqual([{ encrypted: 1 }]);
		await admin.end();
		await store.close();
	});

	it('says that the password is wrong, or missing, without showing it', async () => {
		const { url } = server;
		const attempt = openPostgresStore({ url, password: 'wr0ng', clock });
		await expect(attempt).rejects.toMatchObject({ errorClass: 'auth', retryable: false });
		await expect(attempt).rejects.not.toThrow(/wr0ng/);
		await expect(openPostgresStore({ url, clock })).rejects.toMatchObject({ errorClass: 'auth' });
	});
});

describe('PostgreSQL that is stopped in the middle of commits', () => {
	it('has each record once or not at all, also when it is stopped again in its recovery', async () => {
		const server = await startPostgres();
		const store = await openPostgresStore({ url: server.url, clock, maxConnections: 4 });
		const told: string[] = [];
		for (let round = 0; round < 3; round++) {
			const bodies = Array.from({ length: 40 }, (_, index) => `${round}/${index}`);
			const appends = bodies.map(async (body) => {
				await store.append(entry(body)).then(
					() => told.push(body),
					(error: unknown) => expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' }),
				);
			});
			await Promise.race(appends);
			await server.crash();
			await Promise.all(appends);
			await server.crashInRecovery();
			await server.restart();
			const rows = await store.read('a');
			expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
			const kept = rows.map(({ body }) => body);
			expect(new Set(kept).size).toBe(kept.length);
			// Whoever was told that a record is safe finds it; of the others some are there, too.
			for (const body of told) expect(kept).toContain(body);
		}
		await store.close();
		await server.remove();
	}, 120_000);
});
