import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ICredentialDataDecryptedObject, ICredentialTestFunctions } from 'n8n-workflow';

import { AgentSwarmStoreApi } from '../../../credentials/AgentSwarmStoreApi.credentials';
import { Checkpoint } from '../../../nodes/Checkpoint/Checkpoint.node';
import { closeStores } from '../../../nodes/shared/store';
import { chain, node, runWorkflow, start } from '../../harness';

describe('Agent Swarm Store credential', () => {
	const folder = mkdtempSync(join(tmpdir(), 'agent-swarm-credential-'));
	const path = join(folder, 'own', 'store.sqlite');

	afterAll(async () => {
		await closeStores();
		rmSync(folder, { recursive: true });
	});

	const test = async (data: ICredentialDataDecryptedObject) =>
		await new Checkpoint().methods.credentialTest.testStore.call({} as ICredentialTestFunctions, {
			id: '1',
			name: 'Store',
			type: 'agentSwarmStoreApi',
			data,
		});

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
		const type = new AgentSwarmStoreApi();
		const checkpoint = (operation: string, store: string) =>
			node(
				'Checkpoint',
				new Checkpoint(),
				{ operation, store, runKey: 'credential-test', options: { ifMissing: 'skip' } },
				{ credentials: { agentSwarmStoreApi: 'file' } },
			);
		const run = async (operation: string, store: string) =>
			await runWorkflow({
				nodes: [start(), checkpoint(operation, store)],
				connections: chain('Start', 'Checkpoint'),
				input: [{ json: { n: 1 } }],
				credentials: { file: { type, data: { kind: 'sqlite', path } } },
			});

		await run('save', 'credential');
		expect((await run('load', 'credential')).json('Checkpoint')).toMatchObject([{ n: 1 }]);
		expect((await run('load', 'builtIn')).json('Checkpoint')).toEqual([]);
	});
});
