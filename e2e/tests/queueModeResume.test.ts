import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chain, node, webhook } from '../n8n/build.ts';
import { outputOf } from '../n8n/client.ts';
import type { Workflow } from '../n8n/types.ts';
import { waitFor } from '../n8n/waitFor.ts';
import { queueModeForTests } from './queueModeForTests.ts';
import type { TestQueueMode } from './queueModeForTests.ts';

const NUMBERS = [1, 2, 3, 4, 5, 6];
/** Tasks up to this one are answered at once; later ones have to wait until the worker is dead. */
const ANSWERED = 3;

/** Everything that a worker has answered is recorded by then, in the slowest store. */
const RECORDED_MS = 5000;

/** A service that counts how often it is asked for each number, by the store of the asking run. */
async function startService() {
	const calls: string[] = [];
	const state = { isHolding: true };
	const server: Server = createServer((request, response) => {
		const [, store = '', n = ''] = (request.url ?? '').split('/');
		calls.push(`${store} ${n}`);
		if (state.isHolding && Number(n) > ANSWERED) return;
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify({ square: Number(n) ** 2 }));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	const close = () => {
		server.close();
		server.closeAllConnections();
	};
	const callsFor = (store: string, n: number) =>
		calls.filter((call) => call === `${store} ${n}`).length;
	return { url: `http://127.0.0.1:${port}`, callsFor, state, close };
}

describe('a run in queue mode whose worker is killed', () => {
	let n8n: TestQueueMode;
	let service: Awaited<ReturnType<typeof startService>>;
	const workflows = new Map<string, Workflow>();
	const stores = ['dataTable', 'postgres', 'redis'];

	/** Work of one store: six calls, recorded under a key of their own. */
	const publish = async (store: string, credential?: object): Promise<void> => {
		const credentials = await (credential === undefined
			? Promise.resolve(undefined)
			: n8n.client.saveCredential(store, 'agentSwarmStoreApi', { kind: store, ...credential }));
		const split = node('Split', 'n8n-nodes-base.splitOut', {
			fieldToSplitOut: 'body.numbers',
			options: { destinationFieldName: 'n' },
		});
		const fan = node(
			'Fan',
			'parallelFanOut',
			{
				work: 'httpRequest',
				method: 'GET',
				url: `=${service.url}/${store}/{{ $json.n }}`,
				runKey: `squares-${store}`,
				store: credentials === undefined ? 'builtIn' : 'credential',
				options: {},
			},
			credentials && {
				credentials: { agentSwarmStoreApi: { id: credentials.id, name: credentials.name } },
			},
		);
		const trigger = webhook(store, { responseMode: 'onReceived' });
		const workflow = await n8n.client.createWorkflow(chain(store, trigger, split, fan));
		workflows.set(store, workflow);
		await n8n.client.publish(workflow);
	};

	before(async () => {
		service = await startService();
		n8n = await queueModeForTests('queueModeResume');
		await publish('dataTable');
		await publish('postgres', { url: n8n.postgres.url });
		await publish('redis', { url: n8n.redis.url });
	});
	after(async () => {
		service.close();
		await n8n.close();
	});

	/** The store's own sub-workflows are executions of the same workflow while they run. */
	const newest = async (store: string): Promise<string> => {
		const executions = await n8n.client.executions(workflows.get(store)!.id);
		return executions.find(({ mode }) => mode === 'webhook')!.id;
	};

	it('is continued by the other worker, on the default store, PostgreSQL and Redis', async () => {
		const [first, second] = n8n.workers as [(typeof n8n.workers)[0], (typeof n8n.workers)[0]];
		await second.kill();
		for (const store of stores) await n8n.client.callWebhook(store, { numbers: NUMBERS });
		await waitFor(
			'all calls to arrive',
			() =>
				stores.every((store) => NUMBERS.every((n) => service.callsFor(store, n) === 1)) ||
				undefined,
			{ timeoutMs: 60_000 },
		);
		for (const store of stores) assert.equal(await n8n.workerOf(await newest(store)), first);
		await sleep(RECORDED_MS);
		await first.kill();
		service.state.isHolding = false;
		await second.start();

		for (const store of stores) {
			const before = await newest(store);
			await n8n.client.callWebhook(store, { numbers: NUMBERS });
			const id = await waitFor('a second execution', async () => {
				const latest = await newest(store);
				return latest === before ? undefined : latest;
			});
			const execution = await n8n.client.waitForExecution(id, undefined, { timeoutMs: 120_000 });
			assert.equal(execution.status, 'success', execution.data.resultData.error?.message);
			assert.equal(await n8n.workerOf(id), second, `${store}: the other worker did it`);
			const done = outputOf(execution, 'Fan');
			assert.deepEqual(
				done.map(({ reused }) => reused),
				NUMBERS.map((n) => n <= ANSWERED),
				store,
			);
			assert.deepEqual(
				NUMBERS.map((n) => service.callsFor(store, n)),
				NUMBERS.map((n) => (n <= ANSWERED ? 1 : 2)),
				`${store}: what was recorded is not called again`,
			);
		}
	});

	it('keeps its records in a table that the user can see', async () => {
		const tables = await n8n.client.request<{ data: Array<{ name: string; id: string }> }>(
			'GET',
			'/data-tables-global',
		);
		assert.ok(tables.data.some(({ name }) => name === 'agent_swarm_runs'));
	});
});
