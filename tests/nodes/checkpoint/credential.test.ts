import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ICredentialDataDecryptedObject, ICredentialTestFunctions } from 'n8n-workflow';

import { AgentSwarmStoreApi } from '../../../credentials/AgentSwarmStoreApi.credentials';
import { Checkpoint } from '../../../nodes/Checkpoint/Checkpoint.node';
import { closeStores } from '../../../nodes/shared/store';
import { chain, node, runWorkflow, start } from '../../harness';
import { startLibsqlGateway } from '../../support/libsqlGateway';
import { startRedis } from '../../support/redisServer';
import { startUpstashGateway } from '../../support/upstashGateway';

describe('Agent Swarm Store credential', () => {
	const folder = mkdtempSync(join(tmpdir(), 'agent-swarm-credential-'));
	const path = join(folder, 'own', 'store.sqlite');

	afterAll(async () => {
		await closeStores();
		rmSync(folder, { recursive: true });
	});

	const test = async (data: ICredentialDataDecryptedObject) =>
		await new Checkpoint().methods.credentialTest.testStore.call(
			{ helpers: { request } } as unknown as ICredentialTestFunctions,
			{
				id: '1',
				name: 'Store',
				type: 'agentSwarmStoreApi',
				data,
			},
		);

	it('is tested by a real write and read', async () => {
		expect(await test({ kind: 'sqlite', path })).toEqual({
			status: 'OK',
			message: `Connected to SQLite at ${path}`,
		});
	});

	it('tells why it does not work and what to do', async () => {
		const result = await test({ kind: 'sqlite', path: join(__filename, 'store.sqlite') });
		expect(result).toMatchObject({
			status: 'Error',
			message: expect.stringMatching(/could not open.*exist|could not open.*ENOTDIR/),
		});
		expect(await test({ kind: 'unknown' })).toMatchObject({ status: 'Error' });
	});

	it('chooses the store of a node', async () => {
		const data = { kind: 'sqlite', path };
		await run('save', 'credential', data);
		expect((await run('load', 'credential', data)).json('Checkpoint')).toMatchObject([{ n: 1 }]);
		expect((await run('load', 'builtIn', data)).json('Checkpoint')).toEqual([]);
	});

	it('encrypts what is saved, and says when a password is missing', async () => {
		const file = join(folder, 'encrypted.sqlite');
		const data = { kind: 'sqlite', path: file, encryptionPassword: 'correct horse battery' };
		await run('save', 'credential', data);
		expect((await run('load', 'credential', data)).json('Checkpoint')).toMatchObject([{ n: 1 }]);
		const other = { ...data, encryptionPassword: 'another password' };
		const failed = await run('load', 'credential', other);
		expect(failed.error?.description).toMatch(/Former Encryption Passwords/);
		const both = { ...other, formerPasswords: 'correct horse battery' };
		expect((await run('load', 'credential', both)).json('Checkpoint')).toMatchObject([{ n: 1 }]);
	});

	it('reaches servers, directly and over HTTP', async () => {
		const redis = await startRedis();
		const upstash = await startUpstashGateway(redis.url, 'token-1');
		const libsql = await startLibsqlGateway(join(folder, 'libsql.sqlite'), 'token-2');
		const kinds: ICredentialDataDecryptedObject[] = [
			{ kind: 'redis', url: redis.url },
			{ kind: 'upstash', httpUrl: upstash.url, token: 'token-1', prefix: 'http' },
			{ kind: 'libsql', httpUrl: libsql.url, token: 'token-2' },
		];
		for (const data of kinds) {
			expect(await test(data)).toMatchObject({ status: 'OK' });
			await run('save', 'credential', data);
			const loaded = await run('load', 'credential', data);
			expect(loaded.json('Checkpoint')).toMatchObject([{ n: 1, checkpoint: { version: 1 } }]);
		}
		expect(await test({ ...kinds[1], token: 'wrong' })).toMatchObject({
			status: 'Error',
			message: expect.stringContaining('refused the token'),
		});
		await closeStores();
		await libsql.close();
		await upstash.close();
		await redis.remove();
	}, 30_000);

	const run = async (operation: string, store: string, data: ICredentialDataDecryptedObject) => {
		const parameters = { operation, store, runKey: 'r', options: { ifMissing: 'skip' } };
		const settings = { credentials: { agentSwarmStoreApi: 'mine' } };
		return await runWorkflow({
			nodes: [start(), node('Checkpoint', new Checkpoint(), parameters, settings)],
			connections: chain('Start', 'Checkpoint'),
			input: [{ json: { n: 1 } }],
			credentials: { mine: { type: new AgentSwarmStoreApi(), data } },
		});
	};
});

/** The older HTTP helper of n8n, as far as credential tests use it. */
async function request(options: string | object) {
	const { method, uri, headers, body } = options as Record<string, string>;
	const answer = await fetch(uri!, { method, body, headers: headers as never });
	return { statusCode: answer.status, headers: {}, body: await answer.text() };
}
